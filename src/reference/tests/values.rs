//! Values with tails, baselines, trackers and floors, against numbers computed by hand.

use super::programs::run;

#[test]
fn trackers_fold_what_they_saw() {
    run(r#"
    phase trial {
        track best   = highest day.profit over closed days from $0
        track so_far = highest day.profit over days so far
        track total  = sum trade.profit at trade
        track losers = count at trade where trade.profit is below $0
        track streak = streak trade.profit is below $0 at trade
        track latest_close = latest balance at day end from size
        track second = 2nd highest day.profit over closed days
        track best_2 = sum of best 2 day.profit over closed days
        track mean   = average trade.profit at trade from $0
        track today  = sum trade.profit at trade since day start
        track recent = sum day.profit over closed days in last 2 trading days
    }

    scenario "trackers" plan A {
        trade +$300
        expect best is $0
        expect so_far is $300
        expect latest_close is $10,000
        trade -$100
        expect so_far is $200
        expect total is $200
        expect losers is 1
        expect streak is 1
        expect mean is $100
        next day
        expect best is $200
        expect today is $0
        expect latest_close is $10,200
        expect so_far is $200
        trade -$50
        trade -$50
        expect streak is 3
        expect mean is $25
        expect today is -$100
        next day
        expect best is $200
        expect second is -$100
        expect best_2 is $100
        expect recent is -$100
        trade +$1
        expect streak is 0
        expect mean is $20.2
        next day
        expect recent is $1
    }
"#);
}

#[test]
fn values_with_tails_wait() {
    run(r#"
    phase trial {
        track closing = latest profit at day end from $0
        let now_tier  = if profit is at least $200 then 2 else 1
        let next_tier = if profit is at least $200 then 2 else 1 takes effect next day
        let climbing  = if profit is at least $200 then 2 else 1 sticky
        let gone_by   = profit before today
        let last_one  = profit before this event
    }

    scenario "tails" plan A {
        trade +$250
        expect now_tier is 2
        expect next_tier is 1
        expect climbing is 2
        expect gone_by is $0
        next day
        expect next_tier is 2
        expect gone_by is $250
        trade -$100
        expect now_tier is 1
        expect next_tier is 2
        expect climbing is 2
        trade +$100
        next day
        expect next_tier is 2
        trade -$100
        next day
        expect next_tier is 1
    }
"#);
}

#[test]
fn running_totals_count_from_their_event() {
    run(r#"
    phase trial {
        payout {
            split 80% to trader
        }
        let since_payout = profit since last payout
        let fresh_days   = day.profit
    }

    scenario "since" plan A {
        trade +$500
        expect since_payout is $500
        request payout $200
        expect approved $200
        pay payout
        expect since_payout is $0
        expect balance is $10,300
        expect available is $300
        trade +$70
        expect since_payout is $70
        expect payouts.count is 1
        expect payouts.total is $200
        expect last payout.balance is $10,300
    }
"#);
}

#[test]
fn floors_only_climb_until_they_jump() {
    run(r#"
    phase trial {
        floor day_end {
            starts at size - $500
            trails balance at day end by $500
            capped at size
        }
        floor own_share {
            starts at size - 5% of size
            trails equity at mark by 5% of itself
        }
        floor jumping {
            starts at size - $500
            trails balance at day end by $500
            jumps to size - $100 and freezes when profit is at least $300
        }
        limit "Floor" {
            equity stays above day_end
            on breach { fail }
        }
    }

    scenario "floors" plan A {
        expect day_end is $9,500
        expect own_share is $9,500
        trade +$200
        expect day_end is $9,500
        expect own_share is $9,690
        next day
        expect day_end is $9,700
        trade -$150
        next day
        expect day_end is $9,700
        expect jumping is $9,700
        trade +$250
        expect jumping is $9,900
        next day
        expect day_end is $9,800
        expect jumping is $9,900
        trade +$900
        next day
        expect day_end is $10,000
        expect jumping is $9,900
        trade -$1,200
        expect breach "Floor"
        expect phase failed
    }

    scenario "touching is a breach" plan A {
        mark equity $9,500.01
        expect no breach
        mark equity $9,500
        expect breach "Floor"
    }
"#);
}
