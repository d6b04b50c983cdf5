//! What a contestant is, and the table of them.

use std::ops::Range;

use anyhow::Result;

use crate::contestants;
use crate::state::State;

/// The rules, in the order of the bits of a mask.
pub(crate) const RULES: [&str; 12] = [
    "daily loss",
    "maximum loss",
    "trailing drawdown",
    "end-of-day drawdown",
    "lots of the tier",
    "lots with the order",
    "sessions",
    "flat by",
    "news",
    "best day",
    "target",
    "warning",
];

/// The rules that a state breaks or reaches: a bit each.
pub(crate) type Mask = u16;

/// A way to decide the states.
pub(crate) trait Contestant {
    /// Decides the states of a range, one call each, and writes the mask of each into its place.
    ///
    /// # Errors
    /// When its program cannot decide a state.
    fn decide(&mut self, range: Range<usize>, masks: &mut [Mask]) -> Result<()>;

    /// Makes ready for a range; its time is not counted.
    ///
    /// # Errors
    /// When it cannot.
    fn make_ready(&mut self, _range: Range<usize>) -> Result<()> {
        Ok(())
    }
}

/// What is decided, and with it by what the time is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// All rules, of a state that is handed over whole.
    State,
    /// What a mark can change, of one account whose state is kept.
    Mark,
}

/// What it calculates money with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Money {
    /// 64-bit integers that count 10⁻⁸.
    Fixed,
    /// Decimals of 96 bits.
    Decimal,
    /// Binary floats of 64 bits.
    Float,
}

impl Money {
    /// In words.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Fixed => "i64, 8 decimals",
            Self::Decimal => "decimal",
            Self::Float => "binary float",
        }
    }
}

/// Makes a contestant ready to decide states.
pub(crate) type Build = fn(&[State]) -> Result<Box<dyn Contestant>>;

/// What is known of a contestant.
pub(crate) struct Row {
    /// By what it is run.
    pub(crate) name: &'static str,
    /// As it reads in the table.
    pub(crate) title: &'static str,
    /// The package whose version is told.
    pub(crate) package: &'static str,
    /// Of that package, and of what it contains.
    pub(crate) licence: &'static str,
    /// What it decides.
    pub(crate) task: Task,
    /// What it calculates with.
    pub(crate) money: Money,
    /// The feature without which it is not built.
    pub(crate) feature: Option<&'static str>,
    /// How it is made; none where its feature is off.
    pub(crate) build: Option<Build>,
}

macro_rules! contestants {
    ($( $name:literal $title:literal $package:literal $licence:literal $task:ident $money:ident $($feature:literal)? => $($build:ident)::+; )*) => {
        /// Every contestant, in the order of the table. The first of each task is what the others are divided by.
        pub(crate) const CONTESTANTS: &[Row] = &[$( Row {
            name: $name,
            title: $title,
            package: $package,
            licence: $licence,
            task: Task::$task,
            money: Money::$money,
            feature: [$(Some($feature),)? None][0],
            build: built!($($feature)? => $($build)::+),
        }, )*];
    };
}

macro_rules! built {
    (=> $($build:ident)::+) => {
        Some($($build)::+ as Build)
    };
    ($feature:literal => $($build:ident)::+) => {{
        #[cfg(feature = $feature)]
        let build = Some($($build)::+ as Build);
        #[cfg(not(feature = $feature))]
        let build = None;
        build
    }};
}

contestants! {
    "hand" "hand-written Rust, i64" "ringfence-peers" "–" State Fixed => contestants::hand::fixed;
    "hand-decimal" "hand-written Rust, rust_decimal" "rust_decimal" "MIT" State Decimal => contestants::hand::decimal;
    "ringfence" "Ringfence, state handed over" "ringfence" "MIT OR Apache-2.0" State Fixed => contestants::ringfence::handed_over;
    "wasmtime" "WebAssembly, wasmtime" "wasmtime" "Apache-2.0 WITH LLVM-exception" State Fixed "wasm" => contestants::wasm::new;
    "roto" "Roto, JIT" "roto" "BSD-3-Clause" State Fixed "roto" => contestants::roto::new;
    "luajit" "LuaJIT, mlua" "mlua" "MIT; LuaJIT MIT" State Float "luajit" => contestants::lua::new;
    "lua54" "Lua 5.4, mlua" "mlua" "MIT; Lua MIT" State Float "lua54" => contestants::lua::new;
    "quickjs" "QuickJS, rquickjs" "rquickjs" "MIT; QuickJS MIT" State Float "quickjs" => contestants::quickjs::new;
    "zen" "zen-expression" "zen-expression" "MIT" State Decimal "zen" => contestants::zen::new;
    "cel" "CEL, cel-interpreter" "cel-interpreter" "MIT" State Float "cel" => contestants::cel::new;
    "rhai" "Rhai, decimal" "rhai" "MIT OR Apache-2.0" State Decimal "rhai" => contestants::rhai::new;
    "regorus" "Rego, regorus VM" "regorus" "MIT AND Apache-2.0 AND BSD-3-Clause" State Float "regorus" => contestants::rego::new;
    "hand-mark" "hand-written Rust, i64" "ringfence-peers" "–" Mark Fixed => contestants::hand::mark;
    "ringfence-mark" "Ringfence, the rules of a mark" "ringfence" "MIT OR Apache-2.0" Mark Fixed => contestants::ringfence::mark;
    "ringfence-apply" "Ringfence, `Engine::apply` of a tick" "ringfence" "MIT OR Apache-2.0" Mark Fixed => contestants::ringfence::apply;
}

/// The contestant of that name.
pub(crate) fn named(name: &str) -> Option<&'static Row> {
    CONTESTANTS.iter().find(|row| row.name == name)
}

/// What the contestants of a task are divided by.
pub(crate) fn baseline(task: Task) -> Option<&'static Row> {
    CONTESTANTS.iter().find(|row| row.task == task)
}
