//! A tighter limit comes to many accounts in the middle of a day: a dry run counts the breaches that then happen.

use std::collections::BTreeSet;
use std::io::Write as _;

use ringfence::account::Migration;
use ringfence::book::{Book, Sizes};
use ringfence::event::Event;
use ringfence::outcome::{ActionKind, Change, Outcome};

use super::{DAILY, compiled, event, version};

/// `ACCOUNTS=10000 cargo test --test it a_dry_run_counts -- --nocapture` takes as many, and tells; 400 otherwise.
fn accounts() -> u32 {
    std::env::var("ACCOUNTS").map_or(400, |accounts| accounts.parse().unwrap())
}

/// An account is at a loss of so many dollars at midday: from none to $999.
fn loss(number: u32) -> u32 {
    number * 7_919 % 1_000
}

fn of(number: u32, id: &str, at: &str, kind: &str) -> Event {
    event(&format!(r#"{{"id":"{id}","account":"A{number:05}","at":"{at}",{kind}}}"#))
}

/// The accounts of which a limit was breached, and those that are locked.
fn breached(outcomes: &[Outcome]) -> (BTreeSet<String>, usize) {
    let is_breach = |change: &Change| matches!(change, Change::Breach { .. });
    let accounts = outcomes.iter().filter(|outcome| outcome.changes.iter().any(is_breach)).map(|outcome| outcome.account.to_string());
    let actions = outcomes.iter().flat_map(|outcome| &outcome.actions);
    (accounts.collect(), actions.filter(|action| matches!(action.kind, ActionKind::Lock { .. })).count())
}

#[test]
fn a_dry_run_counts_the_breaches_that_then_happen() {
    let all = accounts();
    let tighter = DAILY.replace("-$1,000", "-$500");
    let (old, new) = (
        compiled(&version("1", "$2,000", DAILY, "")),
        compiled(&version("2", "$2,000", &tighter, "migrate from \"1\" { applies now; keep limit \"Daily loss\" }")),
    );
    // A few are kept whole, the others packed: as many accounts are.
    let mut book = Book::with_sizes(Sizes { whole: 256, ..Sizes::default() });
    book.load(old.clone());
    let open = r#""kind":"open","program":"Evaluation","version":"1","plan":"50K","currency":"USD","start_balance":"50000","position_mode":"netting","trader":"T","purchased_at":"2026-02-20T12:00:00Z","swap":"in_position""#;
    for number in 0..all {
        book.apply(&of(number, "o", "2026-03-02T08:00:00Z", open));
        let cash = format!(r#""kind":"cash","cash_id":"c","amount":"-{}","type":"fee""#, loss(number));
        assert!(book.apply(&of(number, "c", "2026-03-02T11:00:00Z", &cash)).is_empty(), "up to $999 is within $1,000");
    }
    // While it runs the new version is loaded, and tried on all.
    book.load(new.clone());
    let migration = Migration::new(&old, &new).unwrap();
    let market = book.market().clone();
    let (mut foreseen, mut locks) = (BTreeSet::new(), 0);
    for number in 0..all {
        let tried = book.account(&format!("A{number:05}")).unwrap().dry_run(&market, &migration).unwrap();
        let (accounts, locked) = breached(&tried);
        foreseen.extend(accounts);
        locks += locked;
    }
    // By hand: those with a loss of $500 or more, half of them.
    let by_hand = (0..all).filter(|number| loss(*number) >= 500).count();
    assert_eq!((foreseen.len(), locks), (by_hand, by_hand));
    assert!(by_hand > 100, "{by_hand}");
    let (mut happened, mut locked) = (BTreeSet::new(), 0);
    for number in 0..all {
        let go = r#""kind":"migrate","program":"Evaluation","version":"2","who":"risk","why":"the limit is $500 from now on""#;
        let (accounts, locks) = breached(book.apply(&of(number, "m", "2026-03-02T12:00:00Z", go)));
        happened.extend(accounts);
        locked += locks;
        // Others trade on meanwhile, some under each version: a cent more breaks nothing that has not broken.
        let other = all - 1 - number;
        let told = book.apply(&of(other, "d", "2026-03-02T12:00:00Z", r#""kind":"cash","cash_id":"d","amount":"-0.01","type":"fee""#));
        assert!(told.is_empty(), "{other}: {told:?}");
    }
    assert_eq!((&happened, locked), (&foreseen, locks));
    writeln!(std::io::stdout(), "{all} accounts: {} breaches were foreseen, {} happened", foreseen.len(), happened.len()).unwrap();
    let account = book.account("A00001").unwrap();
    assert_eq!(account.program().ir.header.version, "2");
}
