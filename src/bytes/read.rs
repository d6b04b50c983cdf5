//! From bytes to a value.

use std::fmt::Display;

use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor,
};

use super::BytesError;

/// The value that [`super::to_bytes`] wrote.
///
/// # Errors
/// When the bytes end early, go on after the value, or hold what its type cannot be.
pub fn from_bytes<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, BytesError> {
    let mut reader = Reader { bytes };
    let value = T::deserialize(&mut reader)?;
    if reader.bytes.is_empty() { Ok(value) } else { Err(BytesError::Malformed("bytes are left over".into())) }
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Result<u8, BytesError> {
        let (first, rest) = self.bytes.split_first().ok_or_else(early)?;
        self.bytes = rest;
        Ok(*first)
    }

    fn unsigned<T: TryFrom<u64>>(&mut self) -> Result<T, BytesError> {
        let (mut value, mut shift) = (0_u64, 0_u32);
        loop {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            value |= bits.checked_shl(shift).filter(|shifted| shifted >> shift == bits).ok_or_else(range)?;
            if byte & 0x80 == 0 {
                return T::try_from(value).map_err(|_| range());
            }
            shift += 7;
        }
    }

    fn signed<T: TryFrom<i64>>(&mut self) -> Result<T, BytesError> {
        let folded: u64 = self.unsigned()?;
        let value = (folded >> 1).cast_signed() ^ -(folded & 1).cast_signed();
        T::try_from(value).map_err(|_| range())
    }

    /// Numbers that may be longer, in the same form.
    fn unsigned_wide(&mut self) -> Result<u128, BytesError> {
        let (mut value, mut shift) = (0_u128, 0_u32);
        loop {
            let byte = self.byte()?;
            let bits = u128::from(byte & 0x7f);
            value |= bits.checked_shl(shift).filter(|shifted| shifted >> shift == bits).ok_or_else(range)?;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
            shift += 7;
        }
    }

    fn signed_wide(&mut self) -> Result<i128, BytesError> {
        let folded = self.unsigned_wide()?;
        Ok((folded >> 1).cast_signed() ^ -(folded & 1).cast_signed())
    }

    fn slice(&mut self) -> Result<&'a [u8], BytesError> {
        let length: usize = self.unsigned()?;
        let (head, rest) = self.bytes.split_at_checked(length).ok_or_else(early)?;
        self.bytes = rest;
        Ok(head)
    }

    fn text(&mut self) -> Result<&'a str, BytesError> {
        std::str::from_utf8(self.slice()?).map_err(|_| BytesError::Malformed("a text is not UTF-8".into()))
    }

    /// A length, refused where it is larger than the bytes that are left: each element has one or more.
    fn length(&mut self) -> Result<usize, BytesError> {
        self.unsigned().and_then(|length| if length <= self.bytes.len() { Ok(length) } else { Err(early()) })
    }
}

fn early() -> BytesError {
    BytesError::Malformed("the bytes end early".into())
}

fn range() -> BytesError {
    BytesError::Malformed("a number is out of its range".into())
}

impl de::Error for BytesError {
    fn custom<T: Display>(message: T) -> Self {
        Self::Malformed(message.to_string())
    }
}

macro_rules! whole {
    ($($method:ident $visit:ident $by:ident;)*) => {
        $( fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BytesError> {
            visitor.$visit(self.$by()?)
        } )*
    };
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = BytesError;

    whole! {
        deserialize_u8 visit_u8 unsigned;
        deserialize_u16 visit_u16 unsigned;
        deserialize_u32 visit_u32 unsigned;
        deserialize_u64 visit_u64 unsigned;
        deserialize_u128 visit_u128 unsigned_wide;
        deserialize_i8 visit_i8 signed;
        deserialize_i16 visit_i16 signed;
        deserialize_i32 visit_i32 signed;
        deserialize_i64 visit_i64 signed;
        deserialize_i128 visit_i128 signed_wide;
        deserialize_str visit_borrowed_str text;
        deserialize_string visit_borrowed_str text;
        deserialize_bytes visit_borrowed_bytes slice;
        deserialize_byte_buf visit_borrowed_bytes slice;
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, BytesError> {
        Err(BytesError::Malformed("a value of unknown type".into()))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BytesError> {
        self.deserialize_any(visitor)
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BytesError> {
        self.deserialize_any(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BytesError> {
        self.deserialize_any(visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BytesError> {
        match self.byte()? {
            0 => visitor.visit_bool(false),
            1 => visitor.visit_bool(true),
            _ => Err(range()),
        }
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BytesError> {
        let code: u32 = self.unsigned()?;
        visitor.visit_char(char::from_u32(code).ok_or_else(range)?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BytesError> {
        match self.byte()? {
            0 => visitor.visit_none(),
            1 => visitor.visit_some(self),
            _ => Err(range()),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BytesError> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, BytesError> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, BytesError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BytesError> {
        let left = self.length()?;
        visitor.visit_seq(Elements { reader: self, left })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, BytesError> {
        visitor.visit_seq(Elements { reader: self, left: length })
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &'static str, length: usize, visitor: V) -> Result<V::Value, BytesError> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BytesError> {
        let left = self.length()?;
        visitor.visit_map(Elements { reader: self, left })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, BytesError> {
        self.deserialize_tuple(fields.len(), visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, BytesError> {
        visitor.visit_enum(self)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BytesError> {
        self.deserialize_u32(visitor)
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

struct Elements<'r, 'de> {
    reader: &'r mut Reader<'de>,
    left: usize,
}

impl<'de> SeqAccess<'de> for Elements<'_, 'de> {
    type Error = BytesError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, BytesError> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        seed.deserialize(&mut *self.reader).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

impl<'de> MapAccess<'de> for Elements<'_, 'de> {
    type Error = BytesError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, BytesError> {
        self.next_element_seed(seed)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, BytesError> {
        seed.deserialize(&mut *self.reader)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

impl<'de> EnumAccess<'de> for &mut Reader<'de> {
    type Error = BytesError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), BytesError> {
        let variant: u32 = self.unsigned()?;
        let value = seed.deserialize(IntoDeserializer::<BytesError>::into_deserializer(variant))?;
        Ok((value, self))
    }
}

impl<'de> VariantAccess<'de> for &mut Reader<'de> {
    type Error = BytesError;

    fn unit_variant(self) -> Result<(), BytesError> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, BytesError> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, BytesError> {
        self.deserialize_tuple(length, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, BytesError> {
        self.deserialize_tuple(fields.len(), visitor)
    }
}
