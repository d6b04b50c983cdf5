//! The words of a host, declared in Rust: the facts that it tells, the events that only it knows, the actions that only it
//! can do, and what it adds to orders, fills and ticks.
//!
//! A [`Vocabulary`] is a file of the language that programs import under a name that the host gives it, so that all of them
//! have the same words, and `ringfence check` knows them from the same file.
//!
//! ```
//! use ringfence::host::{Kind, Vocabulary};
//! use ringfence::source::Source;
//!
//! let words = Vocabulary::default()
//!     .input("identity_checked", Kind::Bool, Some("no"))
//!     .event("shared_device", &[("device", Kind::Text), ("others", Kind::Count)])
//!     .action("freeze", &[("reason", Kind::Text)])
//!     .extend("order", &[("latency", Kind::Number)]);
//! let program = Source::new("p.fence", r#"import "host.fence"
//! program "P" {
//!     currency USD timezone "UTC" day 00:00
//!     plans
//!         | plan | size    |
//!         | 10K  | $10,000 |
//!     phase funded {
//!         ledger starts at size
//!         on shared_device where shared_device.others is above 0 { call freeze(reason = "shared"), fail }
//!     }
//! }"#);
//! let program = words.load(program, "host.fence", &mut |name| Err(format!("there is no {name}")));
//! assert!(ringfence::compile(&program).is_ok());
//! ```

use std::fmt;

use crate::source::Source;
use crate::syntax::load;

/// The words of a host, in the order in which they are declared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vocabulary {
    rows: Vec<Row>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    word: &'static str,
    name: String,
    rest: String,
}

macro_rules! kinds {
    ($( $(#[doc = $doc:literal])+ $kind:ident $word:literal; )*) => {
        /// What a host's value is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind { $( $(#[doc = $doc])+ $kind, )* }

        impl Kind {
            /// All of them.
            pub const ALL: &[Self] = &[$( Self::$kind, )*];

            /// As programs write it.
            pub const fn word(self) -> &'static str {
                match self { $( Self::$kind => $word, )* }
            }
        }
    };
}

kinds! {
    /// `true` or `false`.
    Bool "bool";
    /// Text of at most 64 bytes.
    Text "text";
    /// Money in the program's currency.
    Money "money";
    /// A number.
    Number "number";
    /// A whole number of something.
    Count "count";
    /// A percentage.
    Percent "percent";
    /// A length of time.
    Duration "duration";
    /// A date.
    Date "date";
    /// An instant.
    Instant "instant";
}

impl Vocabulary {
    /// A fact that the host tells by an `input` event: its name, what it is, and its value until it is told, as programs
    /// write it; without one it is missing until then.
    #[must_use]
    pub fn input(self, name: &str, kind: Kind, default: Option<&str>) -> Self {
        let default = default.map_or_else(String::new, |value| format!(" = {value}"));
        self.with("input", name, format!(": {}{default}", kind.word()))
    }

    /// An event that the host tells by a `host` event.
    #[must_use]
    pub fn event(self, name: &str, fields: &[(&str, Kind)]) -> Self {
        self.with("event", name, braces(fields))
    }

    /// An action that programs call and the host carries out.
    #[must_use]
    pub fn action(self, name: &str, fields: &[(&str, Kind)]) -> Self {
        self.with("action", name, braces(fields))
    }

    /// Fields that the host adds to each `order`, `fill` or `tick`.
    #[must_use]
    pub fn extend(self, record: &str, fields: &[(&str, Kind)]) -> Self {
        self.with("extend", record, braces(fields))
    }

    /// The text of a program with what it imports: these words under a name, everything else as the host reads it. What is
    /// wrong with the words is found when the program is checked.
    pub fn load(&self, program: Source, name: &str, read: &mut dyn FnMut(&str) -> Result<String, String>) -> Source {
        load(program, &mut |import| if import == name { Ok(self.to_string()) } else { read(import) })
    }

    fn with(mut self, word: &'static str, name: &str, rest: String) -> Self {
        self.rows.push(Row { word, name: name.to_owned(), rest });
        self
    }
}

fn braces(fields: &[(&str, Kind)]) -> String {
    let fields: Vec<String> = fields.iter().map(|(name, kind)| format!("{name}: {}", kind.word())).collect();
    format!(" {{ {} }}", fields.join(", "))
}

/// As a file of the language, for `ringfence check` and the programs' authors.
impl fmt::Display for Vocabulary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Row { word, name, rest } in &self.rows {
            writeln!(f, "{word} {name}{rest}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::check;
    use crate::syntax::parse;

    const PROGRAM: &str = "import \"words/host.fence\"
program \"P\" {
    currency USD timezone \"UTC\" day 00:00
    plans
        | plan | size    |
        | 10K  | $10,000 |
    phase funded {
        ledger starts at size
        limit \"Loss\" {
            equity stays above $9,000
            on breach { call freeze(a_text = \"loss\"), fail }
        }
    }
}
";

    /// Words of every kind in every place.
    fn words() -> Vocabulary {
        let fields: Vec<(String, Kind)> = Kind::ALL.iter().map(|kind| (format!("a_{}", kind.word()), *kind)).collect();
        let fields: Vec<(&str, Kind)> = fields.iter().map(|(name, kind)| (name.as_str(), *kind)).collect();
        let words = Vocabulary::default().event("told", &fields).action("freeze", &[("a_text", Kind::Text)]).extend("order", &fields);
        fields.iter().fold(words, |words, (name, kind)| words.input(&format!("in_{name}"), *kind, None))
    }

    fn found(words: &Vocabulary, program: &str) -> Vec<String> {
        let source = Source::new("firm/p.fence", program);
        let source = words.load(source, "firm/words/host.fence", &mut |name| Err(format!("no {name}")));
        check(&source, &parse(&source)).diagnostics.into_iter().map(|found| found.message).collect()
    }

    #[test]
    fn programs_have_the_words_of_the_host_and_need_not_use_all() {
        assert_eq!(found(&words(), PROGRAM), Vec::<String>::new());
        let source = words().load(Source::new("firm/p.fence", PROGRAM), "firm/words/host.fence", &mut |_| Err(String::new()));
        let program = crate::compile(&source).unwrap();
        let ir = &program.ir;
        assert_eq!((ir.events.len(), ir.actions.len(), ir.extensions.len(), ir.inputs.len()), (1, 1, 1, Kind::ALL.len()));
        assert_eq!(ir.events[0].fields.len(), Kind::ALL.len());
    }

    #[test]
    fn the_file_stands_alone() {
        let text = words().to_string();
        let source = Source::new("host.fence", text);
        assert!(check(&source, &parse(&source)).diagnostics.is_empty());
    }

    #[test]
    fn what_is_wrong_with_a_word_is_told_with_the_program() {
        let wrong = words().input("day", Kind::Bool, None);
        assert!(found(&wrong, PROGRAM).iter().any(|message| message.contains("day")), "{:?}", found(&wrong, PROGRAM));
        let twice = PROGRAM.replace("    plans", "    event told { a_text: text }\n    plans");
        assert!(found(&words(), &twice).iter().any(|message| message == "`told` is declared twice"), "{:?}", found(&words(), &twice));
    }
}
