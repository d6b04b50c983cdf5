//! What is said of each construct.

use super::{program, words};

/// What stands outside phases, what in the phase, and a sentence that must be said of it.
const SENTENCES: &[(&str, &str, &str)] = &[
    // Limits: bounds, guards, clocks, instances.
    (
        "",
        r#"limit "L" { equity stays above size - $2,000  on breach { fail } }"#,
        "Your equity must stay above the account size − $2,000.00; touching it is a breach.\nWhen it is broken, the account fails.",
    ),
    (
        "",
        r#"limit "L" { equity stays at or above 90% of size  on breach { flatten, cancel orders, fail } }"#,
        "Your equity must stay at or above 90% of the account size; touching it is not a breach.\nWhen it is broken, all positions are closed, working orders are cancelled and the account fails.",
    ),
    (
        "",
        r#"limit "L" { day.profit stays below $3,000  on breach { lock until next day } }"#,
        "Your closed profit of the day must stay below $3,000.00; reaching it is a breach.\nWhen it is broken, trading is locked until the next day.",
    ),
    (
        "",
        r#"limit "L" { positions stays at or below 3  refuse orders that would break it }"#,
        "The number of open positions must stay at or below 3; reaching it is not a breach.\nAn order that would break it is refused.",
    ),
    (
        "",
        r#"limit "L" { weighted quantity stays at or below 3 lots  reduce orders to fit with working orders }"#,
        "An order that would break it is reduced to what still fits, with working orders counted as if they were filled.",
    ),
    (
        "option daily: bool = no",
        r#"limit "L" when daily { equity stays above size - loss  on breach { fail } }"#,
        "The limit is in force only while the option daily is chosen.",
    ),
    (
        "",
        r#"limit "L" { equity stays above day.start_balance - loss  on breach { fail } }"#,
        "Your equity must stay above your balance at the start of the day − the plan's loss; touching it is a breach.\nWhere there is no such bound, the limit is not in force.",
    ),
    ("", r#"limit "L" at day end { balance stays above size - $500  on breach { fail } }"#, "It is checked at the end of each day only."),
    (
        "",
        r#"limit "L" for each position { position.open_profit stays above -$500  on breach { flatten position } }"#,
        "For each open position, the position's open profit must stay above −$500.00; touching it is a breach.\nWhen it is broken, the position is closed.",
    ),
    (
        "",
        r#"limit "L" for each order { never order.stop is missing  refuse orders that would break it }"#,
        "For each order, it is never allowed that the order has no stop-loss.",
    ),
    (
        "",
        r#"limit "L" { weighted quantity stays at or below 2 lots for 10s  on breach { review "too much" } }"#,
        "It counts as broken only after 10 seconds without a break.",
    ),
    (
        "",
        r#"limit "L" once per day counted per account { equity stays above size - $2,000
            on breach { notify trader "careful" }  on 2nd breach { notify risk "twice" }  on 3rd and later breach { fail } }"#,
        "On the second breach, the firm's risk desk is told “twice”. On the third breach and every later one, the account fails. It is broken at most once a day. Breaches are counted over the life of the account.",
    ),
    (
        "",
        r#"limit "L" { equity stays above size - $2,000  allowance $2,000  on breach { fail }  at 80% used { notify trader "{headroom} left" } }"#,
        "Once 80% of the room of $2,000.00 is used up, you are told “[the room left] left”.",
    ),
    (
        "",
        r#"limit "L" { equity stays above size - $2,000  cure within 1h once per account  on breach { fail } }"#,
        "A breach is forgiven if the limit holds again within 1 hour, once in the life of the account.",
    ),
    // Floors.
    (
        "",
        r#"floor bottom { starts at size - $2,000  trails balance at day end by $2,000  capped at size }
            limit "L" { equity stays above bottom  on breach { fail } }"#,
        "It starts at the account size − $2,000.00. At the end of each day it rises to your balance − $2,000.00, if that is higher. It never falls. It rises no further than the account size.",
    ),
    (
        "",
        r#"floor bottom { starts at size - $2,000  trails equity at mark by 6% of itself  freezes when profit is at least $2,000  takes effect next day }
            limit "L" { equity stays above bottom  on breach { fail } }"#,
        "At every change of price it rises to your equity less 6% of it, if that is higher. It never falls. Once your closed profit is at least $2,000.00, it stays where it is for good. Each change takes effect at the start of the next day.",
    ),
    (
        "",
        r#"floor bottom { starts at size - $2,000  jumps to size and freezes on payout payment }
            limit "L" { equity stays above bottom  on breach { fail } }"#,
        "When a payout is paid it moves to the account size and stays there for good.",
    ),
    // Rules, events, clocks.
    ("", "every day at close { flatten }", "At the close of each trading day, all positions are closed."),
    (
        "",
        "every fri at 16:00 when account is flat { lock until next week }",
        "Every Friday at 16:00, if no position is open, trading is locked until the next week.",
    ),
    (
        "",
        "after 30 days since trade while account is flat { close account }",
        "30 days after the last closed trade, or after the phase began while there was none, counted while no position is open, the account is closed for good.",
    ),
    (
        "",
        "when profit is at least $500 and trades is at least 3 { promote to passed }",
        "As soon as your closed profit is at least $500.00 and the number of your closed trades is at least 3, the account passes.",
    ),
    (
        "",
        r#"on trade where trade.held is below 10s { review "short" }"#,
        "Whenever a trade is closed, if how long the trade lasted is below 10 seconds, a person at the firm reviews it (“short”).",
    ),
    (
        "event pressed { why: text }\naction freeze { reason: text }",
        r#"on pressed where pressed.why is "x" { call freeze(reason = pressed.why) }"#,
        "When the firm reports “pressed”, if its “why” is “x”, the platform is asked for “freeze” (reason: its “why”).",
    ),
    (
        "",
        r#"on fill where within 2min of high news for symbol { review "news" }"#,
        "At every fill, if it is within 2 minutes of a high-impact news release that concerns the fill's symbol, a person at the firm reviews it (“news”).",
    ),
    (
        "session morning mon to fri 08:30 to 12:00",
        "on entry where morning is open { flatten }",
        "At every entry, if the session morning is open, all positions are closed.",
    ),
    // Conditions and their opposites.
    (
        "option kind: one of (fast, slow) = slow",
        "when not (kind is fast or profit is below $5) { fail }",
        "As soon as the option kind is not fast and your closed profit is at least $5.00, the account fails.",
    ),
    (
        "",
        "when day.weekday is one of (mon, fri) and day.date is at least 14 days after cycle.date { fail }",
        "As soon as the weekday of the day is Monday or Friday and today's date is at least 14 days after the first date of the payout cycle, the account fails.",
    ),
    (
        "",
        "when (any open positions where position.stop is missing) or locked { fail }",
        "As soon as there is an open position for which the position has no stop-loss or trading is locked, the account fails.",
    ),
    (
        "",
        r#"when last day is missing and payouts.count is 0 { notify ops "new" }"#,
        "As soon as there is no previous day yet and the number of payouts paid so far is 0, the firm is told “new”.",
    ),
    // Values kept.
    (
        "",
        r#"track winning = count closed days since last payout where day.profit is at least $150
            goal "G" { require "days" winning is at least 5  on reached { promote to passed } }"#,
        "winning | The number of closed days on which your closed profit of the day is at least $150.00, since the last payout (the day of it is counted neither before nor after).",
    ),
    (
        "",
        r#"track best = highest day.profit over days so far
            goal "G" { require "best day" best is at most 40% of profit  on reached { promote to passed } }"#,
        "best | The highest of your closed profit of the day, over the days so far, today included.",
    ),
    (
        "",
        r#"let room = max(balance, size) - $500
            limit "L" { equity stays above room  on breach { fail } }"#,
        "room | (the higher of your balance and the account size) − $500.00.",
    ),
    (
        "",
        r#"let tier = if profit is above $2,000 then 3 lots else if profit is above $1,000 then 2 lots else 1 lot takes effect next day
            limit "L" { weighted quantity stays at or below tier  refuse orders that would break it }"#,
        "tier | 3 lots if your closed profit is above $2,000.00, 2 lots if your closed profit is above $1,000.00, otherwise 1 lot; a change takes effect at the start of the next day.",
    ),
    // Goals and payouts.
    (
        "",
        r#"goal "G" { require "profit" profit is at least 10% of size  require "flat" account is flat  on reached { promote to passed } }"#,
        "The goal is reached as soon as all of this holds:\nProfit: your closed profit is at least 10% of the account size.\nFlat: no position is open.\nWhen it is reached, the account passes.",
    ),
    (
        "",
        r#"payout { require "days" day.number is at least 10  pays at most 50% of available  minimum $100  fee $5  leaves at least $60,000
            split 80% to trader  split 90% to trader when payouts.count is at least 3 }"#,
        "At most 50% of the profit available for payout is paid.\nA payout of less than $100.00 is denied.\nA fee of $5.00 is taken off what you receive.\nAt least $60,000.00 must stay in the account.\nYou receive 80% of it; the rest is the firm's.\nYou receive, instead, 90% of it, if the number of payouts paid so far is at least 3.",
    ),
    // Tables.
    (
        "",
        "table lots by profit steps\n | from | cap |\n | $0 | 1 lot |\n | $1,000 | 2 lots |\n | any | none |\n
            limit \"L\" { weighted quantity stays at or below lots.cap  refuse orders that would break it }",
        "must stay at or below the cap of the table lots;",
    ),
    // Values that rules set, and what is counted since something.
    (
        "",
        "state share: percent = 80%  when profit is at least $500 { set share = 90% }
            payout { split share to trader }",
        "As soon as your closed profit is at least $500.00, the share becomes 90%.",
    ),
    (
        "",
        r#"state clean: bool = yes  on trade where trade.profit is below -$100 { set clean = no }
            goal "G" { require "clean" clean  on reached { promote to passed } }"#,
        "if the trade's profit after costs is below −$100.00, the condition clean is no longer met.",
    ),
    (
        "",
        r#"let earned = profit since last payout
            goal "G" { require "net" earned is at least $100  on reached { promote to passed } }"#,
        "earned | Your closed profit since the last payout.",
    ),
    (
        "",
        r#"track run = streak day.profit is above $0 over closed days
            goal "G" { require "run" run is at least 3  on reached { promote to passed } }"#,
        "run | How many times in a row, over the closed days, your closed profit of the day is above $0.00.",
    ),
    (
        "",
        r#"track big = ever day.profit is at least $500 over closed days
            goal "G" { require "big" big  on reached { promote to passed } }"#,
        "big | Met when at least once (over the closed days) your closed profit of the day is at least $500.00.",
    ),
    (
        "",
        r#"track mean = average trade.profit at trade in last 20 trades from $0
            goal "G" revocable { require "mean" mean is above $5  on reached { notify ops "up" }  on lost { notify ops "down" } }"#,
        "It can be lost again. When it is lost, the firm is told “down”.",
    ),
    (
        "",
        r#"let size_allowed = if balance is above $60,000 then 2 lots else 1 lot up after 10 traded days down after 2 days
            limit "L" { weighted quantity stays at or below size_allowed  refuse orders that would break it }"#,
        "a rise takes effect after 10 days with a fill; a fall takes effect after 2 closed days.",
    ),
    // Groups, periods, counted profit.
    (
        "group idea of open positions by symbol, side",
        r#"limit "L" for each idea { idea.result stays above -$500  on breach { flatten group idea } }"#,
        "When it is broken, the open positions of the idea are closed.",
    ),
    (
        "period risk_window opens on entry, closes after 20min flat",
        r#"limit "L" { risk_window.profit stays above -$500  on breach { lock until next day } }"#,
        "risk window: begins at every entry and ends when no position has been open for 20 minutes.",
    ),
    (
        "counted profit { each trade counts 50% when trade.held is below 10s }",
        r#"goal "G" { require "counted" counted_profit is at least $500  on reached { promote to passed } }"#,
        "50% of the trade's profit after costs",
    ),
    // What the firm records, and what it is asked for.
    (
        "input elsewhere: money = $0 per trader",
        r#"limit "L" { profit - elsewhere stays above -$1,500  on breach { notify risk "together" } }"#,
        "Your closed profit − elsewhere must stay above −$1,500.00",
    ),
    (
        "event grow { }  event undo { }",
        r#"on grow { resize to $200,000, adjust balance by $50 "gift", pay $10 }  on undo where account is flat { restart }"#,
        "the account size becomes $200,000.00, the balance is corrected by $50.00 (“gift”) and a payout of $10.00 is made without a request.",
    ),
    (
        "extend order { device: text }",
        r#"limit "L" for each order when order.device is known { never order.device is "phone"  refuse orders that would break it }"#,
        "it is never allowed that the order's “device” is “phone”.",
    ),
    (
        "instruments\n | symbol | largest |\n | ES | 3 contracts |\n | any | 1 contract |\n",
        r#"limit "L" for each symbol { symbol.quantity stays at or below instruments.largest  refuse orders that would break it }"#,
        "For each symbol, the net size in the symbol must stay at or below the largest of the instruments table;",
    ),
    (
        "",
        "table kept by max(profit, $0) slices\n | up to | part |\n | $1,000 | 100% |\n | any | 80% |\n payout { split kept.part to trader }",
        "Each row's rate is taken of its own slice of the higher of your closed profit and $0.00, and the slices are added up.",
    ),
    (
        "",
        r#"payout { split 80% to trader  pending { require "flat" account is flat }  deducts at approval }"#,
        "The amount is taken out of the profit available for payout when it is approved.\nUntil it is paid, this must go on to hold, or the payout is denied:\nFlat: no position is open.",
    ),
    (
        "",
        "when day.number is 2 { promote to second }
        }
        phase second {
            when profit + trading.profit else $0 is above $900 { close account }",
        "the account is closed for good.",
    ),
];

#[test]
fn each_construct_has_its_sentence() {
    let missing: Vec<String> = SENTENCES
        .iter()
        .filter_map(|(items, phase, sentence)| {
            let said = words(&program(items, phase));
            (!said.contains(sentence)).then(|| format!("{phase}\n  wanted: {sentence}\n  said:\n{said}"))
        })
        .collect();
    assert!(missing.is_empty(), "{} of {}\n{}", missing.len(), SENTENCES.len(), missing.join("\n\n"));
}
