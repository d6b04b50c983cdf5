//! The kinds of moments at which an account is evaluated. The compiler emits one block of code for
//! each, holding only what can change then.

/// A kind of moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Moment {
    /// A tick of a held symbol, or a snapshot of the platform.
    Mark,
    /// A fill.
    Fill,
    /// Cash booked outside fills.
    Cash,
    /// An order event.
    Order,
    /// A stop or target was edited, or the platform stated a position.
    Protect,
    /// A payout event.
    Payout,
    /// A host fact has changed.
    Input,
    /// A host event.
    Host,
    /// A news item was announced, moved or cancelled.
    News,
    /// Staff decided something.
    Staff,
    /// A period ends: a day at its stamp.
    PeriodEnd,
    /// A rule of the clock is due.
    Timer,
    /// A period starts: a day at its opening.
    PeriodStart,
    /// Everything is judged on the picture of a due instant.
    Judge,
    /// A phase is entered.
    Enter,
}

impl Moment {
    /// All kinds in order.
    pub const ALL: [Self; 15] = [
        Self::Mark,
        Self::Fill,
        Self::Cash,
        Self::Order,
        Self::Protect,
        Self::Payout,
        Self::Input,
        Self::Host,
        Self::News,
        Self::Staff,
        Self::PeriodEnd,
        Self::Timer,
        Self::PeriodStart,
        Self::Judge,
        Self::Enter,
    ];

    /// The name in listings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mark => "mark",
            Self::Fill => "fill",
            Self::Cash => "cash",
            Self::Order => "order",
            Self::Protect => "protect",
            Self::Payout => "payout",
            Self::Input => "input",
            Self::Host => "host event",
            Self::News => "news",
            Self::Staff => "staff",
            Self::PeriodEnd => "period end",
            Self::Timer => "timer",
            Self::PeriodStart => "period start",
            Self::Judge => "judge",
            Self::Enter => "enter phase",
        }
    }
}

/// A set of moments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Moments(u16);

impl Moments {
    /// No moment: a constant.
    pub const NONE: Self = Self(0);
    /// Every moment.
    pub const ALL: Self = Self(0x7fff);
    /// When money is booked.
    pub const MONEY: Self = Self::of(&[Moment::Fill, Moment::Cash]);
    /// When equity changes.
    pub const EQUITY: Self = Self::of(&[Moment::Mark, Moment::Fill, Moment::Cash, Moment::Protect]);
    /// When positions change.
    pub const POSITIONS: Self = Self::of(&[Moment::Fill, Moment::Protect]);
    /// When periods turn.
    pub const PERIODS: Self = Self::of(&[Moment::PeriodEnd, Moment::PeriodStart]);

    /// The set of these moments.
    pub const fn of(moments: &[Moment]) -> Self {
        let (mut bits, mut at) = (0, 0);
        while at < moments.len() {
            bits |= 1 << moments[at] as u16;
            at += 1;
        }
        Self(bits)
    }

    /// Both sets together.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether a moment is in the set.
    pub const fn contains(self, moment: Moment) -> bool {
        self.0 & (1 << moment as u16) != 0
    }

    /// Whether the set is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The moments in the set.
    pub fn iter(self) -> impl Iterator<Item = Moment> {
        Moment::ALL.into_iter().filter(move |moment| self.contains(*moment))
    }
}
