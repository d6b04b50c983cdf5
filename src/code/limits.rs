//! Named limits: what a program may need at most.

macro_rules! limits {
    ($( $(#[doc = $doc:literal])+ $name:ident = $default:expr; )*) => {
        /// What a program may need at most, and how much of a collection an account holds.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Limits { $( $(#[doc = $doc])+ pub $name: usize, )* }

        impl Default for Limits {
            fn default() -> Self {
                Self { $( $name: $default, )* }
            }
        }

        impl Limits {
            /// The rows: name, default, meaning.
            pub const ROWS: &[(&'static str, usize, &'static str)] =
                &[$( (stringify!($name), $default, concat!($($doc),+)), )*];
        }
    };
}

limits! {
    /// Nodes: everything that keeps a value or does something.
    nodes = crate::ir::MAX_NODES;
    /// Cells of state of one account.
    slots = 60_000;
    /// Constants of a program.
    constants = 16_000;
    /// Registers of one block of code.
    registers = 48;
    /// Registers of blocks that call each other.
    frame = 128;
    /// Instructions of one node or expression.
    instructions = 16_000;
    /// Instructions of one event, at worst.
    event_instructions = 32_000_000;
    /// Instances of one group that live at once.
    groups = 512;
    /// Samples that one sliding window keeps.
    ring = 4_096;
    /// Samples that `the n highest` keeps.
    best = 64;
    /// Rules of the clock.
    schedules = 64;
    /// Percentages at which one limit warns.
    warnings = 48;
    /// Jumps of one floor.
    jumps = 48;
    /// Open positions of an account that keeps each ticket apart.
    positions = 512;
    /// Open positions of an account that nets, one for each symbol.
    netted = 64;
    /// Symbols that an account uses.
    symbols = 32;
    /// Working orders of an account, for bounds.
    orders = 64;
}
