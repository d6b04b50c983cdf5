//! Whole programs.

use crate::source::Source;
use crate::syntax::ast::{ItemKind, Step};
use crate::syntax::parse;

/// An account program with a table of plans, limits, goals and a payout.
pub(super) const COMBINE: &str = r#"program "Trading Combine" {
    firm      "Topstep"
    version   "2026-09"  effective 2026-09-15
    source    "https://example.com/rules"  as of 2026-09-20        // an unofficial reading
    currency  USD
    timezone  "America/Chicago"
    day       17:00 to 15:10  settles 16:00       // opens 17:00, stops trading 15:10, stamped 16:00
    calendar  "CME"                               // holidays and early closes, loaded by the host
    marks at  last

    plans
        | plan | size     | target | max_loss | daily_loss | max_size     |
        | 50K  | $50,000  | $3,000 | $2,000   | $1,000     | 5 contracts  |
        | 100K | $100,000 | $6,000 | $3,000   | $2,000     | 10 contracts |
        | 150K | $150,000 | $9,000 | $4,500   | $3,000     | 15 contracts |

    /// Bought with the account.
    /// Cannot be changed.
    option daily_limit: bool = no

    phase combine {
        ledger starts at size

        floor max_loss_floor {
            starts at   size - max_loss
            trails      balance at day end by max_loss     // what it follows, when, how far behind
            capped at   size                               // and there it stays
        }

        limit "Maximum Loss Limit" cites "8284204" {
            equity stays above max_loss_floor              // touching breaches
            on breach   { flatten, cancel orders, fail }
            at 80% used { notify trader "{headroom} left to the maximum loss limit" }
        }

        limit "Daily Loss Limit" when daily_limit {
            equity stays above day.start_balance - daily_loss
            on breach { flatten, cancel orders, lock until next day }
        }

        limit "Maximum position" {
            weighted quantity stays at or below max_size   // net per symbol, micros by their weight
            refuse orders that would break it
        }

        every day at close { flatten, cancel orders }      // 15:10, earlier on half days

        track best_day = highest day.profit over days so far

        goal "Profit target" {
            require "target"       profit is at least target
            require "consistency"  best_day is at most 55% of profit
            require "flat"         account is flat
            on reached { promote to funded }
        }
    }

    phase funded {
        ledger starts at $0

        floor max_loss_floor {
            starts at -max_loss
            trails balance at day end by max_loss
            capped at $0
        }

        track winning_days = count closed days since last payout where day.profit is at least $150

        payout {
            require "five winning days"   winning_days is at least 5
            pays at most 50% of balance
            pays at most $5,000
            minimum      $125
            split        90% to trader
            at payment   { max_loss_floor jumps to $0 and freezes }
        }
    }
}
"#;

/// A worked example.
pub(super) const SCENARIO: &str = r#"scenario "the floor follows the day's close and never falls" plan 50K {
    cites "TS-MLL-01"
    trade +$500;  next day;  expect max_loss_floor is $48,500
    trade -$500;  next day;  expect max_loss_floor is $48,500
    at 10:15;     mark equity $48,500
    expect breach "Maximum Loss Limit"
    expect actions flatten, cancel orders, fail
}
"#;

#[test]
fn both_examples_parse() {
    let text = format!("{COMBINE}\n{SCENARIO}");
    let parsed = parse(&Source::new("combine", text));
    assert_eq!(parsed.diagnostics, []);
    let program = parsed.program;
    assert_eq!(program.title.node, "Trading Combine");
    assert_eq!(program.header.len(), 10);
    assert_eq!(program.items.len(), 5);
    assert_eq!(program.items[1].doc.as_deref(), Some("Bought with the account.\nCannot be changed."));
    let ItemKind::Phase(combine) = &program.items[2].kind else { panic!("{:?}", program.items[2]) };
    assert_eq!(combine.items.len(), 7);
    let ItemKind::Scenario(scenario) = &program.items[4].kind else { panic!("{:?}", program.items[4]) };
    assert_eq!(scenario.steps.len(), 10);
    assert!(matches!(scenario.steps[0].node, Step::Profit { .. }));
    assert_eq!(scenario.cites[0].node, "TS-MLL-01");
}
