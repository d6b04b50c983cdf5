//! From a value to bytes.

use std::fmt::Display;

use serde::ser::{
    self, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple, SerializeTupleStruct,
    SerializeTupleVariant, Serializer,
};

use super::BytesError;

/// The bytes of a value: whole numbers in as few bytes as they need, lengths before what they count.
///
/// # Errors
/// When the value is of a kind that has no form here: floats, and lists of unknown length.
pub fn to_bytes<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, BytesError> {
    let mut writer = Writer { bytes: Vec::with_capacity(ROOM) };
    value.serialize(&mut writer)?;
    Ok(writer.bytes)
}

/// Most accounts fit into so many bytes.
const ROOM: usize = 2_048;

/// As many bytes as 64 bits take, seven at a time.
const LONGEST: usize = 10;

struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// Seven bits a byte, the lowest first; the high bit says that more follow.
    fn unsigned(&mut self, mut value: u64) {
        let (mut bytes, mut length) = ([0_u8; LONGEST], 0);
        while value >= 0x80 && length < LONGEST - 1 {
            bytes[length] = u8::try_from(value & 0x7f).unwrap_or(0) | 0x80;
            value >>= 7;
            length += 1;
        }
        bytes[length] = u8::try_from(value).unwrap_or(0);
        self.bytes.extend_from_slice(&bytes[..=length]);
    }

    /// The same form for numbers that may be longer.
    fn unsigned_wide(&mut self, mut value: u128) {
        while value > u64::MAX.into() {
            self.bytes.push(u8::try_from(value & 0x7f).unwrap_or(0) | 0x80);
            value >>= 7;
        }
        self.unsigned(u64::try_from(value).unwrap_or(u64::MAX));
    }

    /// Small numbers of either sign are short: 0, −1, 1, −2, …
    fn signed(&mut self, value: i64) {
        self.unsigned(((value << 1) ^ (value >> 63)).cast_unsigned());
    }

    fn signed_wide(&mut self, value: i128) {
        self.unsigned_wide(((value << 1) ^ (value >> 127)).cast_unsigned());
    }

    fn length(&mut self, length: Option<usize>) -> Result<(), BytesError> {
        let length = length.ok_or_else(|| BytesError::Malformed("a list of unknown length".into()))?;
        self.unsigned(length as u64);
        Ok(())
    }
}

impl ser::Error for BytesError {
    fn custom<T: Display>(message: T) -> Self {
        Self::Malformed(message.to_string())
    }
}

macro_rules! whole {
    ($($method:ident($ty:ty) $by:ident;)*) => {
        $( fn $method(self, value: $ty) -> Result<(), BytesError> {
            self.$by(value.into());
            Ok(())
        } )*
    };
}

impl Serializer for &mut Writer {
    type Ok = ();
    type Error = BytesError;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    whole! {
        serialize_bool(bool) unsigned;
        serialize_u8(u8) unsigned;
        serialize_u16(u16) unsigned;
        serialize_u32(u32) unsigned;
        serialize_u64(u64) unsigned;
        serialize_u128(u128) unsigned_wide;
        serialize_char(char) unsigned;
        serialize_i8(i8) signed;
        serialize_i16(i16) signed;
        serialize_i32(i32) signed;
        serialize_i64(i64) signed;
        serialize_i128(i128) signed_wide;
    }

    fn serialize_f32(self, _: f32) -> Result<(), BytesError> {
        Err(BytesError::Malformed("a float".into()))
    }

    fn serialize_f64(self, _: f64) -> Result<(), BytesError> {
        Err(BytesError::Malformed("a float".into()))
    }

    fn serialize_str(self, text: &str) -> Result<(), BytesError> {
        self.serialize_bytes(text.as_bytes())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<(), BytesError> {
        self.unsigned(bytes.len() as u64);
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), BytesError> {
        self.bytes.push(0);
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), BytesError> {
        self.bytes.push(1);
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), BytesError> {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), BytesError> {
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, variant: u32, _: &'static str) -> Result<(), BytesError> {
        self.serialize_u32(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), BytesError> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        variant: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), BytesError> {
        self.unsigned(variant.into());
        value.serialize(self)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Self, BytesError> {
        self.length(length)?;
        Ok(self)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, BytesError> {
        Ok(self)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, BytesError> {
        Ok(self)
    }

    fn serialize_tuple_variant(self, _: &'static str, variant: u32, _: &'static str, _: usize) -> Result<Self, BytesError> {
        self.unsigned(variant.into());
        Ok(self)
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Self, BytesError> {
        self.length(length)?;
        Ok(self)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, BytesError> {
        Ok(self)
    }

    fn serialize_struct_variant(self, _: &'static str, variant: u32, _: &'static str, _: usize) -> Result<Self, BytesError> {
        self.unsigned(variant.into());
        Ok(self)
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

macro_rules! elements {
    ($($of:ident $method:ident;)*) => {
        $( impl $of for &mut Writer {
            type Ok = ();
            type Error = BytesError;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), BytesError> {
                value.serialize(&mut **self)
            }

            fn end(self) -> Result<(), BytesError> {
                Ok(())
            }
        } )*
    };
}

elements! {
    SerializeSeq serialize_element;
    SerializeTuple serialize_element;
    SerializeTupleStruct serialize_field;
    SerializeTupleVariant serialize_field;
}

macro_rules! named_fields {
    ($($of:ident)*) => {
        $( impl $of for &mut Writer {
            type Ok = ();
            type Error = BytesError;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, _: &'static str, value: &T) -> Result<(), BytesError> {
                value.serialize(&mut **self)
            }

            fn end(self) -> Result<(), BytesError> {
                Ok(())
            }
        } )*
    };
}

named_fields! { SerializeStruct SerializeStructVariant }

impl SerializeMap for &mut Writer {
    type Ok = ();
    type Error = BytesError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), BytesError> {
        key.serialize(&mut **self)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), BytesError> {
        value.serialize(&mut **self)
    }

    fn end(self) -> Result<(), BytesError> {
        Ok(())
    }
}
