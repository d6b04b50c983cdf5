//! Diagnostics: what is wrong with a program, as data. They are rendered only at the edge.

use std::fmt;

use crate::source::Span;

/// One finding about a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its stable code.
    pub code: Code,
    /// One claim, in the words of account programs, naming what is wrong first.
    pub message: String,
    /// The place it is about.
    pub span: Span,
    /// What the primary place is, in a few words; empty where the message says it all.
    pub label: String,
    /// Other places that matter, each with a few words.
    pub others: Vec<(Span, String)>,
    /// Facts that were inferred: types, units, zones, numbers.
    pub notes: Vec<String>,
    /// What to do.
    pub help: Option<String>,
    /// The text that mends it, where one is known.
    pub fix: Option<Fix>,
    /// What to do where that text turns out not to mend it.
    pub otherwise: Option<String>,
}

/// A replacement of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What is replaced.
    pub span: Span,
    /// By what.
    pub text: String,
    /// Whether it says what was meant without doubt: a tool may apply it where the finding is then gone. Else it is a guess, such as
    /// a name that is near.
    pub safe: bool,
}

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The program cannot be used.
    Error,
    /// The program can be used, but probably does not say what is meant.
    Warning,
}

impl Diagnostic {
    /// The most findings that are told of one text.
    pub const MOST: usize = 1_000;

    /// Keeps the first of findings in order, and says where there are more.
    pub(crate) fn tell_most(found: &mut Vec<Self>) {
        if let Some(span) = found.get(Self::MOST).map(|next| next.span) {
            found.truncate(Self::MOST);
            let message = format!("more is wrong from here on: a file is told {} findings", Self::MOST);
            found.push(Self::new(Code::TooLarge, span, message).help("mend those before; if the text is no program, give another file"));
        }
    }

    /// Whether there were more findings than are told.
    pub(crate) fn are_not_all(found: &[Self]) -> bool {
        found.get(Self::MOST).is_some_and(|last| last.code == Code::TooLarge)
    }

    /// A finding at a place.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            span,
            label: String::new(),
            others: Vec::new(),
            notes: Vec::new(),
            help: None,
            fix: None,
            otherwise: None,
        }
    }

    /// Says what the primary place is.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Adds another place.
    #[must_use]
    pub fn other(mut self, span: Span, label: impl Into<String>) -> Self {
        self.others.push((span, label.into()));
        self
    }

    /// The same finding with all its places so many bytes further on.
    #[must_use]
    pub fn moved(mut self, bytes: u32) -> Self {
        let places = self.others.iter_mut().map(|(span, _)| span).chain(self.fix.as_mut().map(|fix| &mut fix.span));
        places.chain([&mut self.span]).for_each(|span| *span = span.moved(bytes));
        self
    }

    /// Adds a fact.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says what to do and gives the text that does it.
    #[must_use]
    pub fn fix(mut self, span: Span, text: impl Into<String>, help: impl Into<String>) -> Self {
        self.fix = Some(Fix { span, text: text.into(), safe: true });
        self.help(help)
    }

    /// Says what to do and gives a text that was probably meant.
    #[must_use]
    pub fn guess(mut self, span: Span, text: impl Into<String>, help: impl Into<String>) -> Self {
        self.fix = Some(Fix { span, text: text.into(), safe: false });
        self.help(help)
    }

    /// Says what to do where the text of the fix turns out not to mend it.
    #[must_use]
    pub fn otherwise(mut self, help: impl Into<String>) -> Self {
        self.otherwise = Some(help.into());
        self
    }

    /// Takes the text away: it does not mend this.
    pub fn without_fix(&mut self) {
        if self.fix.take().is_some() {
            let names_it = |help: &String| help.starts_with("write `") || help.starts_with("did you mean");
            self.help = self.otherwise.take().or_else(|| self.help.take().filter(|help| !names_it(help)));
        }
    }

    /// How grave it is.
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }
}

macro_rules! codes {
    ($( $(#[doc = $doc:literal])+ $name:ident = $code:literal $severity:ident $title:literal; )*) => {
        /// The stable codes of all findings.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $( $(#[doc = $doc])+ $name, )* }

        impl Code {
            /// All codes in order.
            pub const ALL: &[Self] = &[$( Self::$name, )*];

            /// The code as printed, such as `E0101`.
            pub const fn id(self) -> &'static str {
                match self { $( Self::$name => $code, )* }
            }

            /// The kind of finding in a few words.
            pub const fn title(self) -> &'static str {
                match self { $( Self::$name => $title, )* }
            }

            /// What it means and how it comes about.
            pub const fn explanation(self) -> &'static str {
                match self { $( Self::$name => concat!($($doc, "\n"),+), )* }
            }

            /// How grave it is.
            pub const fn severity(self) -> Severity {
                match self { $( Self::$name => Severity::$severity, )* }
            }
        }
    };
}

codes! {
    // Text: characters, lines, braces.
    /// A brace is opened and not closed, or closed and not opened. Indentation then tells which, so the message names the line that opened the block.
    Brace = "E0001" Error "unbalanced braces";
    /// A text in quotes does not end on its line.
    Quote = "E0002" Error "unfinished text";
    /// A character that programs do not use, such as a curly quote or a dash copied from a document.
    Character = "E0003" Error "unexpected character";
    /// Brackets or braces are nested deeper than any program needs.
    Nesting = "E0004" Error "nested too deeply";
    /// The file is larger than the limit, is no text, or has more wrong in it than is told one by one.
    TooLarge = "E0005" Error "file too large";
    /// The file has no `program "…" { }`.
    NoProgram = "E0006" Error "no program";
    /// A file that is imported cannot be read. Its path is seen from the file that imports it.
    Import = "E0007" Error "import not read";

    // Statements.
    /// A line begins with a word that begins no statement here.
    UnknownStatement = "E0101" Error "unknown statement";
    /// A statement begins well and goes on with something that does not fit.
    Syntax = "E0102" Error "statement not understood";
    /// A number is written in a way that could be misread: a decimal comma, a date with strokes, an amount in brackets, a currency without its sign.
    NumberFormat = "E0103" Error "number not understood";
    /// A row of a table has another number of cells than its heading, or an empty cell.
    TableShape = "E0104" Error "table row does not fit";
    /// A word of the language is used as a name.
    ReservedWord = "E0105" Error "word of the language as a name";
    /// A statement stands where it is not allowed, or twice where once is allowed.
    Misplaced = "E0106" Error "statement in the wrong place";

    // Names.
    /// A name is used that nothing declares.
    UnknownName = "E0201" Error "unknown name";
    /// Two things that are seen in the same place have one name.
    DuplicateName = "E0202" Error "name declared twice";
    /// `promote to` or `phase` names a phase that the program does not have.
    UnknownPhase = "E0203" Error "unknown phase";
    /// A record has no field of that name.
    UnknownField = "E0204" Error "unknown field";
    /// A limit or goal title is used that nothing declares.
    UnknownTitle = "E0205" Error "unknown title";
    /// A zone is no IANA zone, `UTC+3` or a zone with a shift. Abbreviations such as EST are not accepted because they mean different clocks in summer.
    UnknownZone = "E0206" Error "unknown time zone";
    /// An event or clock is used that neither the language nor the program declares.
    UnknownEvent = "E0207" Error "unknown event or clock";
    /// A plan, or a column of the plans, is used that the table does not have.
    UnknownPlan = "E0208" Error "unknown plan";

    // Types and units.
    /// Two values of different types or units are added, compared or chosen between.
    TypeMismatch = "E0301" Error "types do not fit";
    /// Amounts of different currencies are combined, or an amount stands in a program of another currency.
    CurrencyMismatch = "E0302" Error "different currencies";
    /// A percentage stands where money is needed: it must say of what.
    PercentOfWhat = "E0303" Error "a percentage without its base";
    /// Quantities in different units are combined.
    UnitMismatch = "E0304" Error "different units";
    /// A value that may be missing is read as if it were always there.
    MaybeMissing = "E0305" Error "value may be missing";
    /// A condition is needed and something else stands there, or the other way round.
    NotACondition = "E0306" Error "not a condition";
    /// A division whose divisor may be zero, without a guard.
    MaybeZero = "E0307" Error "divisor may be zero";
    /// A function, action or template is given too few values, too many, or others than it takes.
    Arguments = "E0308" Error "wrong values given";
    /// A number is written that lies outside the range that is kept.
    OutOfRange = "E0309" Error "number out of range";

    // Existence in time.
    /// Definitions refer to each other in a circle.
    Circle = "E0401" Error "circular definition";
    /// A record is read where none is at hand: `order.` outside a rule about orders, for instance.
    NotAtHand = "E0402" Error "nothing at hand to read";
    /// A value is read before it can exist: the ledger of a phase starts with a tracker of that phase, a phase reads a value of one that never comes before it, or the head of a scenario reads the account that it opens.
    ReadTooEarly = "E0403" Error "read before it exists";
    /// A tracker does not say when it looks, or a clause is missing that decides its meaning.
    Unsaid = "E0404" Error "something must be said";
    /// A combination of clauses has no meaning.
    Contradiction = "E0405" Error "clauses contradict each other";
    /// A limit reads two periods and does not say which re-arms it.
    WhichPeriod = "E0406" Error "which period re-arms the limit";
    /// A feature of the language that this version does not run.
    NotYet = "E0407" Error "not available";

    // Bounds.
    /// The program needs more of something than the limits allow.
    Limit = "E0501" Error "over a limit";

    // Warnings.
    /// Something is declared and never used: a column, table, option, input, session, period, or a value with a name.
    Unused = "W0101" Warning "unused";
    /// A name equals a word that begins a statement of phases.
    NameLikeStatement = "W0102" Warning "name like a statement";
    /// A goal or payout requires something of values of closed days beside one that includes the running day: both change, and not at the same time.
    ClosedAgainstToday = "W0103" Warning "closed days against today";
    /// A phase has no limit on losses.
    NoLossLimit = "W0104" Warning "no loss limit";
    /// A share is taken of what was gained in another time: a running total since an event has the rest of the event's own day, days since that event have not; or a best day since an event stands beside the gain of the whole phase.
    OtherDays = "W0105" Warning "a share of other days";
    /// Of two limits of one value the tighter one always breaks first, and leaves the other nothing to do.
    NeverFirst = "W0106" Warning "limit that never breaks first";
    /// A goal or payout asks for what the other rules never let happen: the account ends before, the days do not pass in time, the minimum is above the cap, or a payout waits for a gain as large as the account.
    OutOfReach = "W0107" Warning "goal out of reach";
    /// No rule promotes to a phase, it is not the first, and no scenario opens an account in it.
    UnreachablePhase = "W0108" Warning "phase that nothing leads to";
    /// A branch or row is never chosen because others take all its values, values fall into no slice, or a warning would come only after the breach, or with the first small loss.
    NeverReached = "W0109" Warning "tier that no value reaches";
    /// Two actions of one event exclude each other: the account is failed and promoted, locked and unlocked.
    ActionsExclude = "W0110" Warning "actions that exclude each other";
    /// A time of day is left out or comes twice where the zone changes its clocks.
    SummerTime = "W0111" Warning "time that summer time moves";
    /// The allowance of a limit on losses is a share of the equity or balance as it stands, which the loss makes smaller.
    MovingBase = "W0112" Warning "a base that moves";
    /// A condition joins by `and` and by `or` without brackets: `and` joins first, which people read in two ways.
    AndBesideOr = "W0113" Warning "and beside or";
    /// The bound of a limit moves with what the limit watches, so that the limit can never be broken, or always is.
    MovesAlong = "W0114" Warning "a bound that moves along";
    /// A limit is broken, or a goal is met, by what an account begins with, before anything has happened.
    FromTheFirst = "W0115" Warning "broken or met from the first";
    /// The bound of a limit is of the last period: in the first one it is missing, and the limit is not in force.
    NotOnTheFirst = "W0116" Warning "not in force at first";
    /// A limit does nothing when it is broken: no action, no order refused, and nothing reads or counts its breaches.
    NoEffect = "W0117" Warning "limit without effect";
    /// A condition contradicts itself and never holds, or always holds; or two requirements of a goal or payout are never met together.
    NeverChanges = "W0118" Warning "condition that never changes";
    /// What a limit allows is nothing, most of the account, or not what its bound leaves; or a share holds nothing back, or asks for the wrong side.
    Allowance = "W0119" Warning "allowance without sense";
    /// A goal, a payout or a `when` asks that money which moves be exactly an amount: a cent more, and it no longer holds.
    ExactAmount = "W0120" Warning "exact amount of what moves";
    /// A figure of a plan would be in step with those of the other plans, or with the plan's name, if it had a digit more or fewer.
    RowOutOfStep = "W0121" Warning "a row out of step";
    /// A floor never rises, because it is capped where it starts or below, or it follows at another distance than it starts at.
    FloorOutOfStep = "W0122" Warning "a floor out of step";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}
