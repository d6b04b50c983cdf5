//! Random programs, from a seed.

/// A small generator of numbers: the same from the same seed, everywhere.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below a bound.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        (self.next() >> 11) % bound
    }

    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[usize::try_from(self.below(list.len() as u64)).unwrap()]
    }
}

/// The text of a program. It may have errors that the checker finds, such as circles.
pub(crate) fn program(dice: &mut Dice) -> String {
    let mut writer = Writer { dice, text: String::new(), moneys: Vec::new(), conditions: Vec::new(), limits: 0, rolls: false };
    writer.rolls = writer.dice.chance(30);
    writer.header();
    for phase in ["first", "second"] {
        writer.phase(phase);
    }
    writer.text.push_str("}\n");
    writer.text
}

/// A text in which the periods of the program's own are those that each program has.
fn without_own_periods(text: &str) -> String {
    let mut text = text.to_owned();
    for (own, always) in [("run", "week"), ("span", "day"), ("clock", "week"), ("cycle", "day")] {
        for state in ["open", "closed"] {
            text = text.replace(&format!("{own} is {state}"), "flag");
        }
        for (before, after) in [("", "."), ("since ", " "), ("once per ", ""), ("next ", ""), ("every ", " "), ("at ", " "), ("on ", " ")] {
            text = text.replace(&format!("{before}{own}{after}"), &format!("{before}{always}{after}"));
        }
    }
    text
}

pub(crate) struct Writer<'a> {
    pub(crate) dice: &'a mut Dice,
    text: String,
    /// Names of money values that are always known.
    pub(crate) moneys: Vec<String>,
    conditions: Vec<String>,
    limits: u32,
    /// Whether it may roll back days, and then has no groups and no periods of its own.
    rolls: bool,
}

impl Writer<'_> {
    pub(crate) fn line(&mut self, text: &str) {
        self.text.push_str(&if self.rolls { without_own_periods(text) } else { text.replace("roll back to day start", "cancel orders") });
        self.text.push('\n');
    }

    fn header(&mut self) {
        let zone = self.dice.pick(&["America/Chicago", "Europe/Prague", "UTC"]);
        let day = self.dice.pick(&["17:00 to 15:10  settles 16:00", "00:00 every day", "00:00", "18:00 to 17:00"]);
        let marks = self.dice.pick(&["last", "mid", "exit side"]);
        self.line(&format!("program \"Random\" {{\n  currency USD\n  timezone \"{zone}\"\n  day {day}\n  marks at {marks}"));
        let gaps = self.dice.pick(&["hold", "refuse new risk", "worst side on resume", "worst side on resume"]);
        self.line(&format!("  gaps {gaps}"));
        self.line("  plans\n    | plan | size     | loss   | maybe  |\n    | A    | $100,000 | $2,000 | $1,500 |\n    | B    | $50,000  | $1,000 | none   |");
        self.line("  option flag: bool = no\n  input fact: money = $100\n  event nudge { amount: money }\n  action freeze { reason: text }\n  session rth mon to fri 08:30 to 15:00\n  instruments\n    | symbol | family |\n    | ES | \"index\" |\n    | any | \"other\" |");
        if !self.rolls {
            self.periods();
        }
    }

    /// Periods of the program's own: `clock` always runs, `span` follows itself, `run` opens and ends.
    fn periods(&mut self) {
        let zone = self.dice.pick(&["", " \"Asia/Tokyo\"", " \"America/New_York\""]);
        let every = self.dice.pick(&["day at 20:00", "sun at 17:00", "month at 00:00", "month on day 3 at 09:30", "day at 00:00"]);
        self.line(&format!("  period clock every {every}{zone}"));
        let length = self.dice.pick(&[
            "3 days",
            "7h",
            "1 months",
            "2 weekdays",
            "2 trading days",
            "(if number is 1 then 5 days else 2 days)",
            "90min",
        ]);
        let from = self.dice.pick(&["phase start", "entry", "nudge", "clock end", "trade"]);
        self.line(&format!("  period span every {length} from {from}"));
        let name = self.dice.pick(&["run", "cycle"]);
        let opens = self.dice.pick(&[
            "entry",
            "first entry since last payout",
            "first fill",
            "exit",
            "deposit",
            "payout request",
            "payout payment",
            "nudge",
            "span start",
            "clock end",
            "day start",
            "close",
            "first trade since week start",
        ]);
        let closes = self.dice.pick(&[
            "after 20min flat",
            "after 2 days",
            "after 5h",
            "on trade",
            "on day end",
            "on payout payment",
            "on exit",
            "on clock start",
            "on span end",
            "on fact",
            "after (if number is 1 then 30min else 1h)",
        ]);
        self.line(&format!("  period {name} opens on {opens}, closes {closes}"));
        if name == "cycle" {
            self.line("  period run opens on cycle end, closes on cycle start");
        }
    }

    fn amount(&mut self) -> String {
        let amounts = ["$0", "$100", "$250", "$499.99", "$1,000", "-$300", "$2,500", "$5,000"];
        self.dice.pick(&amounts).to_owned()
    }

    fn money(&mut self, depth: u32) -> String {
        let leaf = [
            "balance",
            "start_balance",
            "original_size",
            "equity",
            "profit",
            "open_profit",
            "size",
            "loss",
            "day.profit",
            "day.start_balance",
            "day.start_equity",
            "costs",
            "available",
            "fact",
            "week.profit",
            "day.equity_profit",
            "(last day.profit else $0)",
            "run.profit",
            "run.start_equity",
            "span.equity_profit",
            "clock.start_balance",
            "cycle.profit",
            "(last run.profit else $0)",
            "(last span.close_balance else $0)",
        ];
        if depth == 0 || self.dice.chance(35) {
            if !self.moneys.is_empty() && self.dice.chance(35) {
                let at = usize::try_from(self.dice.below(self.moneys.len() as u64)).unwrap();
                return self.moneys[at].clone();
            }
            return if self.dice.chance(25) { self.amount() } else { self.dice.pick(&leaf).to_owned() };
        }
        let (a, b) = (self.money(depth - 1), self.money(depth - 1));
        match self.dice.below(8) {
            0 => format!("({a} + {b})"),
            1 => format!("({a} - {b})"),
            2 => format!("min({a}, {b})"),
            3 => format!("max({a}, {b})"),
            4 => format!("({}% of {a})", self.dice.pick(&["5", "50", "33.33", "110"])),
            5 => format!("({a} * {})", self.dice.pick(&["2", "0.5", "0.33333333"])),
            6 => format!("(if {} then {a} else {b})", self.condition(0)),
            _ => format!("(maybe else {a})"),
        }
    }

    fn condition(&mut self, depth: u32) -> String {
        let word = self.dice.pick(&["is at least", "is at most", "is above", "is below"]);
        if depth == 0 {
            return match self.dice.below(9) {
                0 => "account is flat".into(),
                8 => self.dice.pick(&["maybe is known", "last day.profit is known", "not (last run.profit is known)"]).to_owned(),
                7 => format!("{} is {}", self.dice.pick(&["run", "span", "cycle"]), self.dice.pick(&["open", "closed"])),
                1 => "flag".into(),
                2 => "rth is open".into(),
                3 if !self.conditions.is_empty() => self.conditions[0].clone(),
                4 => "(any open positions where position.open_profit is below -$50)".into(),
                _ => format!("{} {word} {}", self.money(0), self.money(0)),
            };
        }
        let (a, b) = (self.condition(depth - 1), self.condition(depth - 1));
        match self.dice.below(4) {
            0 => format!("({a} and {b})"),
            1 => format!("({a} or {b})"),
            2 => format!("not ({a})"),
            _ => format!("{} {word} {}% of {}", self.money(1), self.dice.pick(&["10", "40", "95"]), self.money(0)),
        }
    }

    fn phase(&mut self, name: &str) {
        self.moneys.clear();
        self.conditions.clear();
        self.line(&format!("  phase {name} {{"));
        if self.dice.chance(70) {
            let start = self.dice.pick(&["size", "$0", "size + $10"]);
            self.line(&format!("    ledger starts at {start}"));
        }
        if self.dice.chance(40) {
            self.line(&format!("    state cell_{name}: money = $0"));
            let event = self.dice.pick(&["exit", "day end", "trade", "nudge", "day start"]);
            let value = self.money(1);
            self.line(&format!("    on {event} {{ set cell_{name} = {value} }}"));
            self.moneys.push(format!("cell_{name}"));
        }
        for number in 0..self.dice.below(4) {
            self.track(&format!("t{number}_{name}"));
        }
        if !self.rolls && self.dice.chance(50) {
            crate::random_groups::group(self, name);
        }
        if self.dice.chance(30) {
            crate::random_groups::facts(self, name);
        }
        if self.dice.chance(25) {
            crate::random_groups::ages(self, name);
        }
        for number in 0..self.dice.below(3) {
            self.value(&format!("v{number}_{name}"));
        }
        if self.dice.chance(60) {
            self.floor(&format!("floor_{name}"));
        }
        for _ in 0..=self.dice.below(3) {
            self.limit();
        }
        for _ in 0..self.dice.below(3) {
            self.rule(name);
        }
        if self.dice.chance(60) {
            self.goal(name);
        }
        if self.dice.chance(50) {
            self.payout();
        }
        self.line("  }");
    }

    fn track(&mut self, name: &str) {
        let what = self.money(1);
        let clock = self.dice.pick(&[
            "mark",
            "fill",
            "exit",
            "realised",
            "day end",
            "trade",
            "close",
            "nudge",
            "week end",
            "resize",
            "roll back",
            "run end",
            "span start",
            "clock end",
        ]);
        let domain = match self.dice.below(6) {
            0 => "over closed days".to_owned(),
            1 => "over days so far".to_owned(),
            2 => "over traded days".to_owned(),
            3 => "over days with entries".to_owned(),
            _ => format!("at {clock}"),
        };
        let reset = match self.dice.below(12) {
            5 => "since resize",
            6 => "since ledger reset",
            7 => "since run start",
            8 => "since span end",
            9 => "since clock start",
            0 => "since last payout",
            1 => "since day start",
            2 => "since week start",
            3 => "in last 3 days",
            4 => "in last 5 trades",
            _ => "",
        };
        let tail = if self.dice.chance(25) {
            self.dice.pick(&["takes effect next day", "sticky", "up after 2 days", "takes effect next day sticky"])
        } else {
            ""
        };
        let function = self.dice.pick(&["highest", "lowest", "sum", "latest", "average", "sum of best 2", "sum of worst 3"]);
        if self.dice.chance(20) {
            let condition = self.condition(0);
            let counted = self.dice.pick(&["streak", "ever"]);
            self.line(&format!("    track {name} = {counted} {condition} {domain} {reset}"));
            if counted == "ever" {
                self.conditions.push(name.to_owned());
            }
            return;
        }
        self.line(&format!("    track {name} = {function} {what} {domain} {reset} from $0 {tail}"));
        self.moneys.push(name.to_owned());
    }

    fn value(&mut self, name: &str) {
        let value = self.money(2);
        let tail = if self.dice.chance(30) { self.dice.pick(&["takes effect next day", "sticky", "down after 2 traded days"]) } else { "" };
        self.line(&format!("    let {name} = {value} {tail}"));
        self.moneys.push(name.to_owned());
    }

    fn floor(&mut self, name: &str) {
        let start = self.money(1);
        self.line(&format!("    floor {name} {{\n      starts at {start}"));
        let (followed, clock) = (self.dice.pick(&["balance", "equity"]), self.dice.pick(&["day end", "mark", "exit", "realised"]));
        let distance = self.dice.pick(&["loss", "5% of itself", "$750", "4% of size"]);
        self.line(&format!("      trails {followed} at {clock} by {distance}"));
        if self.dice.chance(50) {
            let cap = self.dice.pick(&["size", "size + $100", "$0"]);
            self.line(&format!("      capped at {cap}"));
        }
        if self.dice.chance(30) {
            let condition = self.condition(0);
            self.line(&format!("      jumps to $10 and freezes when {condition}"));
        }
        if self.dice.chance(30) {
            let jump = self.dice.pick(&[
                "jumps by $100 on resize",
                "jumps to start_balance - $500 and trails again on ledger reset",
                "jumps by -$50 on roll back",
                "jumps to balance - $900 on adjustment",
            ]);
            self.line(&format!("      {jump}"));
        }
        if self.dice.chance(20) {
            self.line("      takes effect next day");
        }
        self.line("    }");
        self.moneys.push(name.to_owned());
    }

    fn limit(&mut self) {
        self.limits += 1;
        let (number, bound) = (self.limits, self.dice.pick(&["above", "at or above", "below", "at or below"]));
        let guard = if self.dice.chance(25) { format!(" when {}", self.condition(0)) } else { String::new() };
        let once = if self.dice.chance(60) {
            format!(" once per {}", self.dice.pick(&["day", "week", "phase", "run", "span", "clock"]))
        } else {
            " once per day".into()
        };
        let (left, right) = (self.dice.pick(&["equity", "balance", "day.profit", "open_profit"]).to_owned(), self.money(1));
        let right = if self.dice.chance(20) { format!("{}% of {right}", self.dice.pick(&["50", "95"])) } else { right };
        let lasting = if self.dice.chance(15) { " for 10s" } else { "" };
        self.line(&format!("    limit \"Limit {number}\"{once}{guard} {{\n      {left} stays {bound} {right}{lasting}"));
        if bound.ends_with("above") {
            self.line("      allowance loss");
        }
        if self.dice.chance(15) {
            self.line("      cure within 1h");
        }
        let actions = self.actions();
        match self.dice.below(3) {
            0 => self.line(&format!("      on breach {{ {actions} }}")),
            1 => self.line(&format!(
                "      on 1st breach {{ notify trader \"first {{headroom}}\" }}\n      on 2nd and later breach {{ {actions} }}"
            )),
            _ => self.line(&format!("      on breach when flag {{ {actions} }}")),
        }
        if self.dice.chance(50) {
            self.line("      at 80% used { notify risk \"used {used}\" }");
        }
        self.line("    }");
    }

    fn actions(&mut self) -> String {
        self.dice
            .pick(&[
                "flatten",
                "flatten, cancel orders, lock until next day",
                "lock until staff",
                "lock until next clock",
                "notify ops \"{equity} {balance}\"",
                "call freeze(reason = \"x\")",
                "fail",
                "review \"look\"",
                "close account",
                "flatten, notify trader \"out\"",
                "flatten, roll back to day start, lock until next day",
                "resize to size + $1,000",
                "reset ledger to size",
                "adjust balance by -$100 \"above {profit}\"",
            ])
            .to_owned()
    }

    fn rule(&mut self, phase: &str) {
        let actions = self.dice.pick(&[
            "notify ops \"{profit}\"",
            "review \"rule\"",
            "lock until next day",
            "unlock",
            "flatten",
            "roll back to day start",
            "resize to 110% of size",
            "reset ledger to $50,000",
        ]);
        let condition = self.condition(1);
        let line = match self.dice.below(6) {
            0 => format!("    when {condition} {{ {actions} }}"),
            1 => format!(
                "    on {} where {condition} {{ {actions} }}",
                self.dice.pick(&[
                    "fill",
                    "exit",
                    "entry",
                    "trade",
                    "day end",
                    "day start",
                    "deposit",
                    "payout request",
                    "nudge",
                    "week end",
                    "month end",
                    "resize",
                    "ledger reset",
                    "adjustment",
                    "roll back",
                    "run start",
                    "run end",
                    "span start",
                    "clock end"
                ])
            ),
            2 => format!("    every day at {} when {condition} {{ {actions} }}", self.dice.pick(&["close", "12:00", "15:00"])),
            3 => format!("    every {} {{ {actions} }}", self.dice.pick(&["fri at 10:00", "4h", "clock", "span"])),
            4 => format!(
                "    after {} since {} {{ {actions} }}",
                self.dice.pick(&["24h", "2 days", "1 trading days"]),
                self.dice.pick(&["trade", "phase start", "fill", "run start"])
            ),
            _ => format!("    after 6h since fill while {condition} {{ {actions} }}"),
        };
        let _ = phase;
        self.line(&line);
    }

    fn goal(&mut self, phase: &str) {
        let amount = self.amount();
        let condition = self.condition(1);
        let action = if phase == "first" { "promote to second" } else { "notify trader \"done\"" };
        self.line(&format!("    goal \"Goal\" {{\n      require \"target\" profit is at least {amount}\n      require \"other\" {condition}\n      on reached {{ {action} }}\n    }}"));
    }

    fn payout(&mut self) {
        let (condition, cap) = (self.condition(0), self.money(1));
        let share = self.dice.pick(&["80", "90", "33.33"]);
        self.line(&format!("    payout {{\n      require \"condition\" {condition}\n      pays at most {cap}\n      minimum $50\n      split {share}% to trader"));
        if self.dice.chance(50) {
            self.line("      at payment { notify trader \"paid {payout.number}\" }");
        }
        self.line("    }");
    }
}
