//! Questions: how the account stands, what a limit leaves, what comes next.

use std::fmt::Write as _;

use super::needed::goal_words;
use super::program::Program;
use super::session::Session;
use super::world::World;
use super::{Trouble, show};
use crate::engine::{AccountRef, GoalReport, LimitReport};
use crate::event::{Event, Kind};
use crate::ir::NodeKind;
use crate::scenario::{ACCOUNT, Interpreter as _, standard_instrument};
use crate::syntax::ast::Marks;
use crate::value::{Instant, Value};

impl Session {
    pub(super) fn account(&self) -> Result<AccountRef<'_>, Trouble> {
        self.course()?.world.account().ok_or_else(|| Trouble::words("the account is not open"))
    }

    /// An instant on the program's clock.
    pub(super) fn local(&self, at: Instant) -> String {
        self.program.ir().header.day.zone.to_local(at).to_string()
    }

    pub(super) fn status(&self) -> Result<String, Trouble> {
        let (account, course) = (self.account()?, self.course()?);
        let (status, state) = (account.status(), account.state());
        let read = |name: &str| state.get(name).unwrap_or(&Value::Missing).to_string();
        let mut rows = vec![
            vec!["time".into(), format!("{} ({})", self.local(course.scene.now()), self.program.ir().header.day.zone)],
            vec!["phase".into(), status.phase.to_string()],
            vec!["balance".into(), format!("{}, equity {}, open profit {}", status.balance, status.equity, read("open_profit"))],
            vec!["day".into(), self.day_words(&read)],
        ];
        rows.extend(self.valued_at_fills()?);
        if let Some((_, phase, because)) = self.ended_by() {
            rows.insert(2, vec!["because".into(), format!("{because}; `why {phase}` tells it")]);
        }
        rows.extend(account.limits().iter().map(|report| vec![limit_name(report), self.limit_words(report)]));
        let (ir, phase) = (self.program.ir(), course.phase(&self.program));
        let goal = |report: &GoalReport| vec![format!("goal \"{}\"", report.title), goal_words(ir, account, phase, report)];
        rows.extend(account.goals().iter().map(goal));
        rows.extend(status.locks.iter().map(|lock| {
            let until = if lock.until == i64::MAX { "staff lift it".into() } else { self.local(Instant::from_nanos(lock.until)) };
            vec!["locked".into(), format!("until {until}")]
        }));
        let waiting = course.world.waiting();
        if let Some(first) = waiting.first() {
            rows.push(vec!["loaded".into(), format!("{} events wait, the next of {}", waiting.len(), self.local(first.at))]);
        }
        Ok(show::columns(&rows))
    }

    /// What the day began with: in a phase in which an account only stands, that is what it entered the phase with.
    fn day_words(&self, read: &impl Fn(&str) -> String) -> String {
        let phase = self.course().ok().map(|course| self.program.ir().phase(course.phase(&self.program)));
        match phase.filter(|phase| phase.standing) {
            Some(phase) => format!("{}; it is counted anew since phase {} was entered", read("day.date"), phase.name),
            None => format!("{}, counted from {}, profit {}", read("day.date"), read("day.start_balance"), read("day.profit")),
        }
    }

    pub(super) fn headroom(&self) -> Result<String, Trouble> {
        let limits = self.account()?.limits();
        if limits.is_empty() {
            let ended = self.ended_by().map(|(_, name, because)| format!("phase {name}: {because}; `why {name}` tells it"));
            let because = ended.unwrap_or_else(|| "this phase".into());
            return Ok(format!("no limit is in force in {because}"));
        }
        let row = |report: &LimitReport| vec![limit_name(report), self.limit_words(report)];
        let mut rows: Vec<Vec<String>> = limits.iter().map(row).collect();
        rows.extend(self.valued_at_fills()?);
        Ok(show::columns(&rows))
    }

    /// What is open and still valued at its fill, and not at the latest price.
    fn valued_at_fills(&self) -> Result<Vec<Vec<String>>, Trouble> {
        let side = match self.program.ir().header.marks {
            Marks::ExitSide => "the price it would be closed at",
            Marks::Mid => "the middle of bid and ask",
            Marks::Last => "the last price",
        };
        let account = self.account()?;
        let open = account.account().open_positions();
        let rows = open.filter_map(|open| {
            let market = open.market.filter(|market| *market != open.mark)?;
            let (symbol, long) = (open.symbol, if open.long { "long" } else { "short" });
            let words = format!("at its fill's {} until the next price of {symbol}; {side} is {market} now", open.mark);
            Some(vec![format!("{long} {} {symbol}", open.quantity), words])
        });
        Ok(rows.collect())
    }

    pub(super) fn max_order(&self, symbol: &str) -> Result<String, Trouble> {
        let phase = self.program.ir().phase(self.course()?.phase(&self.program));
        if phase.standing {
            let because = self.ended_by().map_or_else(String::new, |(_, name, because)| format!(": {because}; `why {name}` tells it"));
            return Ok(format!("no order is taken in phase {}{because}", phase.name));
        }
        let world = self.introduced(symbol)?;
        let account = world.account().ok_or_else(|| Trouble::words("the account is not open"))?;
        if account.limits().is_empty() {
            return Ok("no limit is in force in this phase: none bounds orders".into());
        }
        let rows = [("buy", true), ("sell", false)].map(|(side, buys)| {
            let most = account.largest_order(symbol, buys);
            vec![side.to_owned(), most.map_or_else(|| "no limit bounds it".to_owned(), |most| format!("{most} {symbol}"))]
        });
        Ok(show::columns(&rows))
    }

    pub(super) fn price_limit(&self, symbol: &str) -> Result<String, Trouble> {
        let world = self.introduced(symbol)?;
        let account = world.account().ok_or_else(|| Trouble::words("the account is not open"))?;
        let answers = account.prices_of_limits(symbol);
        let reports = account.limits();
        if reports.is_empty() {
            return Ok("no limit is in force in this phase".into());
        }
        // One that is switched off, or that has not begun, acts at no price, whatever its sides would be.
        let rests = |title: &str| {
            let mut own = reports.iter().filter(|report| *report.title == *title).peekable();
            own.peek().is_some() && own.all(|report| !report.in_force)
        };
        if answers.is_empty() {
            return Err(Trouble::Words(format!(
                "`{symbol}` is not held and was not traded, so that its price moves no limit; buy or sell some first"
            )));
        }
        let rows = answers.iter().map(|answer| {
            let price = |price: Option<crate::value::Decimal>, what: &str| price.map(|price| format!("{what} {price}"));
            let found: Vec<String> =
                [price(answer.below, "at or below"), price(answer.above, "at or above")].into_iter().flatten().collect();
            let words = match found.as_slice() {
                _ if rests(&answer.title) => self.rest_words(&answer.title),
                _ if answer.broken => "broken already, as the price is".into(),
                [] => "at no price".into(),
                found => found.join(", "),
            };
            vec![format!("limit \"{}\"", answer.title), words]
        });
        Ok(show::columns(&rows.collect::<Vec<_>>()))
    }

    fn limit_words(&self, report: &LimitReport) -> String {
        let mut words = match &report.fault {
            Some(fault) => format!("cannot be judged: {}", fault.words()),
            None if !report.in_force => self.rest_words(&report.title),
            None if report.headroom == Value::Missing => if report.broken { "broken" } else { "kept" }.into(),
            None => format!("{} left: {} against {}", report.headroom, report.left, report.right),
        };
        if report.broken && report.headroom != Value::Missing {
            words.push_str(", broken");
        }
        let bar = show::bar(&report.used);
        if !bar.is_empty() {
            words.push_str("  ");
            words.push_str(&bar);
        }
        if report.breaches > 0 {
            let _ = write!(words, ", breached {}", times(report.breaches));
        }
        words
    }

    /// That a limit does not act now, and what it waits for.
    fn rest_words(&self, title: &str) -> String {
        let ir = self.program.ir();
        let Ok(course) = self.course() else { return "not in force now".into() };
        let phase = course.phase(&self.program);
        let guard = ir.nodes().filter(|(id, _)| self.program.code.in_force(*id, phase)).find_map(|(_, node)| match &node.kind {
            NodeKind::Limit(limit) if node.name == title => limit.guard,
            _ => None,
        });
        guard.map_or_else(
            || "not in force now".into(),
            |guard| format!("not in force now: only when {}", ir.source.words(ir.expr(guard).span)),
        )
    }

    /// A copy of the world in which what a symbol is, is known: by what was told, or by convention.
    fn introduced(&self, symbol: &str) -> Result<World, Trouble> {
        let course = self.course()?;
        let mut world = course.world.clone();
        let listing = |world: &World| {
            let market = world.engine.market();
            market.symbol(symbol).and_then(|id| market.listing(id)).map(|listing| (listing.instrument.is_some(), listing.quote))
        };
        if listing(&world).is_none_or(|(known, _)| !known) {
            let instrument = standard_instrument(symbol).ok_or_else(|| {
                Trouble::Words(format!("`{symbol}` is no known symbol: use a futures product such as `ES`, a currency pair such as `EURUSD`, a share such as `AAPL`"))
            })?;
            world.apply(&Event::new(format!("convention-{symbol}"), None, course.scene.now(), Kind::Instrument(instrument)));
        }
        if listing(&world).is_none_or(|(_, quote)| quote == crate::market::Quote::default()) {
            return Err(Trouble::Words(format!("`{symbol}` has no price yet: tell one by `tick {symbol} PRICE`")));
        }
        Ok(world)
    }

    pub(super) fn next(&self) -> Result<String, Trouble> {
        let course = self.course()?;
        let event = course.world.waiting().first();
        let due = self.account()?.status().next_due;
        let loaded = event.map(|event| format!("{}  the next loaded event, {}", self.local(event.at), event_words(event)));
        match due.filter(|due| event.is_none_or(|event| *due <= event.at)) {
            Some(due) => self.at_due(due),
            None => Ok(loaded.unwrap_or_else(|| "nothing is due".into())),
        }
    }

    /// The opening of the next day, at which what is counted by day begins anew.
    pub(super) fn next_reset(&self) -> Result<String, Trouble> {
        let scene = &self.course()?.scene;
        self.at_due(scene.calendar().day_at(scene.now()).next_opens)
    }

    /// What time alone decides and changes up to an instant.
    fn at_due(&self, due: Instant) -> Result<String, Trouble> {
        let course = self.course()?;
        let mut after = course.clone();
        let (before, state) = (after.world.decisions().len(), after.world.state(ACCOUNT));
        // What is due alone, without loaded events of the same instant.
        let _ = after.world.engine.advance(due);
        let what = due_words(&self.program, &after.scene, due);
        let mut out = format!("{}  {}", self.local(due), what);
        let mut passed = course.clone();
        passed.pass(due);
        let decided = show::decisions(&self.program, passed.decided_since(before));
        if !decided.is_empty() {
            out.push('\n');
            out.push_str(&decided);
        }
        let mut changed = show::changed(&state, &after.world.state(ACCOUNT));
        let phase = self.program.ir().phase(course.phase(&self.program));
        if phase.standing && changed.iter().any(|(name, ..)| name == "locked") {
            // A lock that ends there lets nothing through.
            changed.retain(|(name, ..)| name != "locked");
            let _ = write!(out, "\na lock ends; orders that open or increase stay refused in phase {}", phase.name);
        }
        if !changed.is_empty() {
            out.push_str("\nchanges:\n");
            out.push_str(&show::changes(self.program.ir().header.day.zone, &changed));
        }
        Ok(out)
    }
}

/// What is due at an instant.
fn due_words(program: &Program, scene: &crate::scenario::Scene, due: Instant) -> String {
    let day = scene.calendar().day_at(scene.now());
    let mut what = Vec::new();
    if due == day.stops && day.stops != day.settles {
        what.push("trading stops".to_owned());
    }
    if due == day.settles {
        what.push("the day is stamped".to_owned());
    }
    if due == day.next_opens {
        what.push("the next day opens".to_owned());
    }
    if what.is_empty() {
        let local = program.ir().header.day.zone.to_local(due);
        what.push(format!("something that the program waits for at {local}"));
    }
    what.join(", ")
}

/// What a loaded event is, in short.
pub(super) fn event_words(event: &Event) -> String {
    let what = match &event.kind {
        Kind::Tick(tick) => format!("a tick of {}", tick.symbol),
        Kind::Fill(fill) => format!("a fill of {} {} at {}", fill.quantity, fill.symbol, fill.price),
        Kind::Snapshot(snapshot) => format!("a mark of the account: equity {}", snapshot.equity),
        Kind::Cash(cash) => format!("cash of {}", cash.amount),
        other => format!("of the kind {}", kind_word(other)),
    };
    format!("event {}, {what}", event.id)
}

fn kind_word(kind: &Kind) -> String {
    let shown = format!("{kind:?}");
    shown.split(['(', ' ']).next().unwrap_or_default().to_lowercase()
}

fn limit_name(report: &LimitReport) -> String {
    let instance = if report.instance == 0 { String::new() } else { format!(" [{}]", report.instance) };
    format!("limit \"{}\"{instance}", report.title)
}

fn times(count: u64) -> String {
    if count == 1 { "once".into() } else { format!("{count} times") }
}
