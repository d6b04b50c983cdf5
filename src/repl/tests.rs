//! A session with figures computed by hand.

mod later;
mod loaded;
mod questions;
mod told_right;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::{Desk, Loaded, Options, Program, Session, Trouble};
use crate::check::check;
use crate::engine::Engine;
use crate::event::{Event, Instrument, Kind, Tick, TickQuality};
use crate::scenario::standard_instrument;
use crate::source::Source;
use crate::syntax::parse;
use crate::value::{Decimal, Instant};

const PROGRAM: &str = r#"program "P" {
    firm      "Example"  version "1"
    currency  USD
    timezone  "UTC"
    day       00:00

    plans
        | plan | size    |
        | 50K  | $50,000 |
        | 99K  | $99,000 |

    phase trading {
        ledger starts at size

        limit "Daily" {
            equity stays at or above day.start_balance - $1,000
            allowance $1,000
            on breach { flatten, fail }
        }
        limit "Position" {
            weighted quantity stays at or below 5 contracts
            reduce orders to fit
        }
    }
}
"#;

/// Files in memory.
#[derive(Clone, Default)]
struct Memory {
    texts: Rc<RefCell<BTreeMap<String, String>>>,
    events: Arc<Vec<Event>>,
}

impl Desk for Memory {
    fn program(&mut self) -> Result<Option<Program>, Trouble> {
        let Some(text) = self.texts.borrow().get("p.fence").cloned() else { return Ok(None) };
        let source = Source::new("p.fence", text);
        let checked = check(&source, &parse(&source));
        let names = checked.names;
        let ir = checked.ir.ok_or_else(|| Trouble::Findings(source.clone(), checked.diagnostics))?;
        let code = Arc::new(crate::compile::compile(ir).map_err(|found| Trouble::Findings(source, found))?);
        let mut engine = Engine::new();
        engine.load(Arc::clone(&code));
        Ok(Some(Program { code, names, engine }))
    }

    fn events(&mut self, files: &[String]) -> Result<Loaded, String> {
        Ok(Loaded { files: files.join(" "), events: Arc::clone(&self.events), hedging: false, unread: Vec::new() })
    }

    fn text(&mut self, file: &str) -> Result<Option<String>, String> {
        Ok(self.texts.borrow().get(file).cloned())
    }

    fn explain(&mut self, code: &str) -> Result<String, String> {
        Ok(format!("about {code}"))
    }

    fn write(&mut self, file: &str, text: &str) -> Result<(), String> {
        self.texts.borrow_mut().insert(file.to_owned(), text.to_owned());
        Ok(())
    }
}

fn desk() -> Memory {
    let desk = Memory::default();
    desk.texts.borrow_mut().insert("p.fence".into(), PROGRAM.into());
    desk
}

fn session() -> Session {
    Session::new(Box::new(desk()), &Options::default()).unwrap_or_else(|trouble| panic!("{}", words(trouble)))
}

fn words(trouble: Trouble) -> String {
    match trouble {
        Trouble::Words(words) => words,
        Trouble::NotReloaded(inner) => format!("not reloaded: {}", words(*inner)),
        Trouble::Findings(_, found) => found.iter().map(|found| format!("{} {}", found.code, found.message)).collect::<Vec<_>>().join("\n"),
    }
}

/// What the last of the lines came to; none of them may fail.
fn told(session: &mut Session, lines: &[&str]) -> String {
    let mut last = String::new();
    for line in lines {
        last = session.enter(line).unwrap_or_else(|trouble| panic!("{line}: {}", words(trouble))).text;
    }
    last
}

fn refused(session: &mut Session, line: &str) -> String {
    match session.enter(line) {
        Ok(reply) => panic!("{line}: {}", reply.text),
        Err(trouble) => words(trouble),
    }
}

/// The lines of an answer with single blanks.
fn lines(text: &str) -> Vec<String> {
    text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn headroom_is_what_the_limits_leave() {
    // 600 of the 1,000 below the day's 50,000 are lost: 400 are left, 60% are used, 12 of 20 places. The
    // position of 5 contracts is untouched.
    let found = lines(&told(&mut session(), &["trade -$600", "headroom"]));
    assert_eq!(found[0], "limit \"Daily\" $400.00 left: $49,400.00 against $49,000.00 [############ ] 60% used");
    assert!(found[1].starts_with("limit \"Position\" 5 left: 0 against 5"), "{}", found[1]);
}

#[test]
fn the_largest_order_of_each_side_counts_what_is_held() {
    // 2 long of 5: 3 more; to sell, the 2 and 5 short.
    let mut session = session();
    let found = lines(&told(&mut session, &["tick ES 5000", "buy 2 ES @ 5000 as a", "max order ES"]));
    assert_eq!(found, ["buy 3 ES", "sell 7 ES"]);
    let found = lines(&told(&mut session, &["exit a @ 5000", "max order ES"]));
    assert_eq!(found, ["buy 5 ES", "sell 5 ES"]);
    assert!(refused(&mut session, "max order NQ").contains("`NQ` has no price yet"));
    assert!(refused(&mut session, "max order QQQQQ").contains("no known symbol"));
}

#[test]
fn the_price_of_a_limit_is_the_first_tick_that_breaks_it() {
    // 2 contracts of $50 a point: $1,000 are lost at 4990, which is kept; a tick of 0.25 below it is not.
    let found = lines(&told(&mut session(), &["tick ES 5000", "buy 2 ES @ 5000", "price limit ES"]));
    assert_eq!(found, ["limit \"Daily\" at or below 4989.75", "limit \"Position\" at no price"]);
    // Short, it is above.
    let found = lines(&told(&mut session(), &["tick ES 5000", "sell 2 ES @ 5000", "price limit ES"]));
    assert_eq!(found[0], "limit \"Daily\" at or above 5010.25");
}

#[test]
fn next_is_midnight() {
    let found = told(&mut session(), &["next"]);
    assert!(found.starts_with("2026-03-03 00:00:00  the day is stamped, the next day opens\n"), "{found}");
}

#[test]
fn what_if_changes_nothing() {
    let mut session = session();
    let found = told(&mut session, &["what if trade -$1,001"]);
    assert!(found.contains("breach   \"Daily\"") && found.contains("phase") && found.contains("trading -> failed"), "{found}");
    assert!(told(&mut session, &["balance"]).starts_with("$50,000.00  (money in USD)"));
    assert!(refused(&mut session, "undo").contains("nothing was done yet"));
}

#[test]
fn undo_takes_lines_back_one_by_one_also_those_without_a_copy() {
    let mut session = session();
    for _ in 0..40 {
        told(&mut session, &["trade +$1"]);
    }
    for left in (0..40).rev() {
        told(&mut session, &["undo"]);
        assert!(told(&mut session, &["balance"]).starts_with(&format!("$50,0{left:02}.00")), "{left}");
    }
}

#[test]
fn courses_go_their_own_ways() {
    let mut session = session();
    told(&mut session, &["trade -$100", "fork other", "trade -$950", "switch main"]);
    let found = told(&mut session, &["diff other"]);
    // 50,000 − 100, and 950 less in the other, where the floor of 49,000 is broken.
    let rows = lines(&found);
    assert_eq!(rows[0], "values in `main` in `other`");
    assert!(rows.contains(&"balance $49,900.00 $48,950.00".to_owned()) && rows.contains(&"phase trading failed".to_owned()), "{found}");
    assert!(found.contains("decided only in `other`:") && !found.contains("decided only in `main`"), "{found}");
    assert_eq!(session.prompt(), "> ");
    assert!(refused(&mut session, "switch othr").contains("did you mean `other`?"));
    assert!(refused(&mut session, "fork other").contains("there is a course `other`"));
}

#[test]
fn a_line_that_fails_is_wholly_undone() {
    let mut session = session();
    let found = refused(&mut session, "trade -$100; exit nobody @ 5000");
    assert!(found.contains("no open position is called `nobody`") && found.contains("nothing of the line was done"), "{found}");
    assert!(told(&mut session, &["balance"]).starts_with("$50,000.00"));
    let found = refused(&mut session, "expect balance is $50,001");
    assert!(found.contains("does not hold: balance is $50,000.00"), "{found}");
    assert!(refused(&mut session, "expect breach \"Dayly\"").contains("E0"));
    assert!(refused(&mut session, "staus").contains("did you mean `status`?"));
}

#[test]
fn names_at_the_prompt_stand_for_expressions() {
    let mut session = session();
    let found = told(&mut session, &["let half = 50% of size", "let quarter = half / 2", "quarter + $1"]);
    assert!(found.starts_with("$12,501.00"), "{found}");
    told(&mut session, &["mark equity size - quarter + quarter"]);
    assert!(told(&mut session, &["equity"]).starts_with("$50,000.00"));
    assert!(refused(&mut session, "let size = 5").contains("size"));
    assert!(refused(&mut session, "let status = 5").contains("is a word of the prompt"));
}

#[test]
fn what_is_saved_passes_and_tells_what_was_decided() {
    let desk = desk();
    let mut session = Session::new(Box::new(desk.clone()), &Options { plan: Some("50K".into()), settings: Vec::new() }).ok().unwrap();
    told(&mut session, &["tick ES 5000", "order buy 7 ES", "trade -$1,001", "save as scenario \"a bad day\" to p.fence"]);
    let text = desk.texts.borrow()["p.fence"].clone();
    for line in [
        "expect reduced to 5",
        "expect breach \"Daily\"",
        "expect actions flatten, fail",
        "expect phase failed",
        "expect balance is $48,999.00",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    let program = desk.clone().program().ok().flatten().unwrap();
    let scenario = program.ir().scenarios.last().unwrap();
    let report = crate::scenario::run(program.ir(), &program.names, scenario, &mut program.engine());
    assert!(report.passed() && report.expectations >= 5, "{:?}", report.failures);
    assert!(refused(&mut session, "save as scenario \"a bad day\" to p.fence").contains("take another title"));
}

#[test]
fn a_reload_plays_the_same_steps_on_the_new_program() {
    let desk = desk();
    let mut session = Session::new(Box::new(desk.clone()), &Options::default()).ok().unwrap();
    told(&mut session, &["trade -$950"]);
    let stricter = PROGRAM.replace("day.start_balance - $1,000", "day.start_balance - $900");
    desk.texts.borrow_mut().insert("p.fence".into(), stricter.replace("equity stays", "equty stays"));
    assert_eq!(refused(&mut session, "reload"), "not reloaded: E0201 unknown name `equty`");
    assert!(told(&mut session, &["phase"]).starts_with("trading"), "the old one stays");
    desk.texts.borrow_mut().insert("p.fence".into(), stricter);
    let found = told(&mut session, &["reload"]);
    assert!(found.contains("decided only now:") && found.contains("trading -> failed"), "{found}");
    assert!(told(&mut session, &["phase"]).starts_with("failed"));
    assert!(told(&mut session, &["undo", "phase"]).starts_with("trading"));
}

/// A price of ES each second from Monday morning on, falling by a tick each time.
fn ticks(count: i64) -> Arc<Vec<Event>> {
    let start: Instant = "2026-03-02T10:00:00Z".parse().unwrap();
    let instrument: Instrument = standard_instrument("ES").unwrap();
    let mut events = vec![Event::new("i", None, start, Kind::Instrument(instrument))];
    let tick: Decimal = "0.25".parse().unwrap();
    let mut price: Decimal = "500000".parse().unwrap();
    for number in 0..count {
        price = price.sub(tick).unwrap();
        let at = start.plus(number * crate::value::NANOS_PER_SECOND);
        let mark = Tick {
            symbol: "ES".into(),
            bid: Some(price),
            ask: Some(price),
            last: Some(price),
            quality: TickQuality::Ok,
            extra: BTreeMap::new(),
        };
        events.push(Event::new(format!("t{number}"), None, at, Kind::Tick(mark)));
    }
    Arc::new(events)
}

#[test]
fn loaded_events_happen_as_time_passes() {
    let mut session = Session::new(Box::new(Memory { events: ticks(100), ..desk() }), &Options::default()).ok().unwrap();
    // The instrument, and the first price: 499,999.75. A tick costs 1 contract $12.50: the 81st below the
    // entry loses $1,012.50, and the 80th just $1,000.
    told(&mut session, &["load events x", "step 2", "buy 1 ES @ 499999.75", "step 80"]);
    assert!(told(&mut session, &["equity"]).starts_with("$49,000.00"));
    let found = told(&mut session, &["until breach"]);
    assert!(found.contains("2026-03-02 10:01:21") && found.contains("your equity was $48,987.50"), "{found}");
    assert!(
        told(&mut session, &["why"]).contains("decided by event t81, a tick of ES of 2026-03-02 10:01:21"),
        "{}",
        told(&mut session, &["why"])
    );
    // 82 of 100 have happened; time brings the rest.
    told(&mut session, &["undo", "advance to 10:01:30"]);
    assert!(told(&mut session, &["status"]).contains("9 events wait"), "{}", told(&mut session, &["status"]));
    assert!(refused(&mut session, "save as scenario \"x\"").contains("cannot be written as steps"));
    assert!(refused(&mut session, "load events x").contains("time only goes forward"));
}

#[test]
fn a_million_events_do_not_slow_the_prompt() {
    let mut session = Session::new(Box::new(Memory { events: ticks(1_000_000), ..desk() }), &Options::default()).ok().unwrap();
    told(&mut session, &["load events x", "step 900000"]);
    let course = session.courses.get("main").unwrap();
    let shared = |copy: &super::course::Course| copy.world.waiting().as_ptr();
    assert_eq!(shared(&course.clone()), shared(course), "a copy of a course shares its events");
    for _ in 0..200 {
        told(&mut session, &["step", "status"]);
    }
    for _ in 0..30 {
        told(&mut session, &["undo"]);
    }
    assert!(told(&mut session, &["status"]).contains("99831 events wait"), "{}", told(&mut session, &["status"]));
}

#[test]
fn completion_follows_the_line() {
    let mut session = session();
    told(&mut session, &["tick ES 5000", "fork careful"]);
    let words = |line: &str| session.complete(line).words;
    assert_eq!(words("sta"), ["staff", "start_balance", "status"]);
    assert_eq!(words("max o"), ["max order "]);
    assert_eq!(words("price l"), ["price limit "]);
    assert_eq!(words("head"), ["headroom"]);
    assert_eq!(words("max order E"), ["ES"]);
    assert_eq!(words("switch "), ["main"]);
    assert_eq!(words("day.start_b"), ["day.start_balance"]);
    assert_eq!(words("balance - day.start_b"), ["day.start_balance"]);
    assert!(session.complete("load events ex").file);
    assert_eq!(session.hint("max order").as_deref(), Some(" SYMBOL"));
    assert_eq!(session.hint("max order ES"), None);
}

#[test]
fn without_a_program_there_is_one_plan() {
    let mut session = Session::new(Box::new(Memory::default()), &Options::default()).ok().unwrap();
    assert!(told(&mut session, &["5% of size"]).starts_with("$5,000.00"));
    assert!(refused(&mut session, "reload").contains("the session has no file"));
}

/// A program whose daily limit can be switched off, whose second begins later, and which lets nobody order more than 5 in its
/// second phase.
const SWITCHED: &str = r#"program "P" {
    firm      "Example"  version "1"
    currency  USD
    timezone  "UTC"
    day       00:00

    plans
        | plan | size    |
        | 50K  | $50,000 |

    option daily: bool = no
    option path: one of (slow, fast) = slow

    phase first {
        ledger starts at size

        limit "Daily" when daily {
            equity stays at or above day.start_balance - $1,000
            on breach { fail }
        }
        limit "Whole" {
            equity stays at or above size - $2,000
            on breach { fail }
        }
        goal "Target" {
            require "profit" profit is at least 8% of size
            require "days" trades is at least 4
            on reached { promote to second }
        }
    }

    phase second {
        ledger starts at size

        limit "Position" {
            weighted quantity stays at or below 5 contracts
            reduce orders to fit
        }
        payout {
            require "profit" profit is at least $1,000
        }
    }
}
"#;

fn switched(settings: &[&str]) -> Result<Session, Trouble> {
    let desk = Memory::default();
    desk.texts.borrow_mut().insert("p.fence".into(), SWITCHED.into());
    Session::new(Box::new(desk), &Options { plan: None, settings: settings.iter().map(|text| (*text).to_owned()).collect() })
}

#[test]
fn limits_that_are_not_in_force_act_at_no_price() {
    // 2 ES of $50 a point: the daily $1,000 are lost 10 points lower, the $2,000 of the whole 20 points lower; the tick is 0.25,
    // and touching is allowed.
    let held = ["tick ES 5000", "buy 2 ES @ 5000 as a", "price limit ES"];
    let mut off = switched(&[]).ok().unwrap();
    let found = lines(&told(&mut off, &held));
    assert_eq!(found, ["limit \"Daily\" not in force now: only when daily", "limit \"Whole\" at or below 4979.75"]);
    assert!(told(&mut off, &["headroom"]).contains("\"Daily\"  not in force now: only when daily"));
    // Without a spread an order costs nothing: no loss bounds it.
    assert_eq!(lines(&told(&mut off, &["max order ES"])), ["buy no limit bounds it", "sell no limit bounds it"]);
    let mut on = switched(&["daily = yes"]).ok().unwrap();
    assert_eq!(lines(&told(&mut on, &held))[0], "limit \"Daily\" at or below 4989.75");
    let mut second = switched(&["phase second"]).ok().unwrap();
    assert_eq!(lines(&told(&mut second, &["tick ES 5000", "max order ES"])), ["buy 5 ES", "sell 5 ES"]);
}

#[test]
fn a_requirement_tells_what_is_needed_and_what_is_missing() {
    // 8% of $50,000 are $4,000, of which $1,500 are won in one of four trades.
    let found = told(&mut switched(&[]).ok().unwrap(), &["trade +$1,500", "status"]);
    let goal = found.lines().last().unwrap();
    assert!(goal.contains("\"profit\" (profit is $1,500.00, needs at least $4,000.00, $2,500.00 missing)"), "{goal}");
    assert!(goal.contains("\"days\" (trades is 1, needs at least 4, 3 missing)"), "{goal}");
    let found = told(&mut switched(&["phase second"]).ok().unwrap(), &["trade +$400", "why not payout"]);
    assert!(found.contains("\"profit\": NOT MET: profit is $400.00, needs at least $1,000.00, $600.00 missing"), "{found}");
}

#[test]
fn a_payout_that_was_not_granted_is_told_with_what_to_type() {
    let mut session = switched(&["phase second"]).ok().unwrap();
    let none = refused(&mut session, "pay payout");
    assert!(none.contains("none was requested") && none.contains("`request payout`"), "{none}");
    told(&mut session, &["trade +$400", "request payout"]);
    let denied = refused(&mut session, "pay payout");
    assert!(denied.contains("was not granted") && denied.contains("`why not payout`"), "{denied}");
}

#[test]
fn options_of_the_command_line_are_told_by_their_name() {
    let wrong = |settings: &[&str]| switched(settings).err().map(words).unwrap_or_default();
    let phase = "`--set \"phase secnd\"`: the program has no phase `secnd`: there is first, second";
    assert!(wrong(&["phase secnd"]).starts_with(phase) && wrong(&["phase secnd"]).ends_with("did you mean `second`?"));
    assert_eq!(wrong(&["path = fst"]), "`--set \"path = fst\"`: `path` is one of slow, fast; did you mean `fast`?");
    let option = "`--set \"dayly = yes\"`: the program has no option or input `dayly`: there is daily, path; did you mean `daily`?";
    assert_eq!(wrong(&["dayly = yes"]), option);
    let nonsense = wrong(&["nonsense"]);
    assert!(
        nonsense.starts_with("`--set \"nonsense\"`: ") && nonsense.contains("a setting is `phase NAME`, `from DATE [TIME]`"),
        "{nonsense}"
    );
    assert!(nonsense.ends_with("the program has `daily` (yes or no), `path` (slow, fast)"), "{nonsense}");
    assert!(wrong(&["plan 50K"]).contains("`--plan 50K`"));
    let balance = wrong(&["start balance $49,000"]);
    assert!(balance.contains("`platform balance $49,000`") && !balance.contains("scenario"), "{balance}");
    let desk = Memory::default();
    desk.texts.borrow_mut().insert("p.fence".into(), SWITCHED.into());
    let plan = Session::new(Box::new(desk), &Options { plan: Some("50k".into()), settings: Vec::new() }).err().map(words).unwrap();
    assert_eq!(plan, "`--plan 50k`: the program has no plan `50k`: there is 50K; did you mean `50K`?");
}

#[test]
fn a_flatten_that_nobody_carries_out_is_told_once() {
    // 2 ES from 5,000 to 4,989.75 lose $1,025 of the day's $1,000; they are closed there.
    let mut session = session();
    told(&mut session, &["tick ES 5000", "buy 2 ES @ 5000 as a"]);
    let found = told(&mut session, &["tick ES 4989.75"]);
    assert!(found.ends_with("until a line closes them: `close all`"), "{found}");
    let found = told(&mut session, &["close all"]);
    assert!(found.starts_with("exit a @ 4989.75\n") && !found.contains("until a line closes them"), "{found}");
    assert!(told(&mut session, &["balance"]).starts_with("$48,975.00"));
    assert!(refused(&mut session, "close all").starts_with("nothing is open"));
    assert!(!told(&mut session, &["undo", "undo", "tick ES 4980"]).contains("until a line closes them"), "it is said once");
}

#[test]
fn days_pass_at_the_same_time_of_day() {
    // 29 days behind Monday 2 March 2026 at 10:00 are Tuesday 31 March.
    let found = told(&mut session(), &["at 10:00", "advance 29 days"]);
    assert!(found.starts_with("2026-03-31 10:00:00"), "{found}");
    assert!(refused(&mut session(), "advance 40000 days").contains("more than a step can pass"));
}

#[test]
fn words_of_the_shell_and_of_people_get_what_to_type() {
    let mut session = session();
    for (line, hint) in [
        ("room", "did you mean `headroom`?"),
        ("headrom", "did you mean `headroom`?"),
        ("head room", "did you mean `headroom`?"),
        ("maxorder ES", "did you mean `max order SYMBOL`?"),
        ("run x.fence --plan 50K", "`ringfence run` is a command of the shell"),
        ("ringfence doc p.fence", "`ringfence doc` is a command of the shell"),
        ("why not", "`why not payout [AMOUNT]`"),
        ("max", "`max order SYMBOL`"),
        ("largest order", "did you mean `max order ES`?"),
        ("red news", "did you mean `news \"NFP\" on USD at 14:30 impact high`?"),
        ("trade +$3 => expect no breach", "`trade +$3; expect no breach` also checks it"),
        ("gibberish", "is no command, no step and no name of the program"),
    ] {
        let found = refused(&mut session, line);
        assert!(found.contains(hint), "{line}: {found}");
    }
    assert_eq!(told(&mut session, &["explain E0201"]), "about E0201");
    assert!(session.enter("exit").ok().unwrap().over);
    assert!(!refused(&mut session, "max(1,").contains("command"), "a function is no command");
}
