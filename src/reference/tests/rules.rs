//! Limits, rules, goals and payouts, against what their words say.

use super::programs::run;

#[test]
fn limits_breach_rearm_and_count() {
    run(r#"
    phase trial {
        limit "Daily" {
            equity stays above day.start_balance - $100
            allowance $100
            on breach { notify risk "once" }
            at 50% used { notify trader "half" }
        }
        limit "Again" {
            equity stays at or above $9,800
            on 1st breach { notify risk "first" }
            on 2nd and later breach { review "again" }
        }
        limit "Slow" {
            equity stays above $9,000 for 10s
            on breach { fail }
        }
    }

    scenario "used and daily" plan A {
        mark equity $9,950.01
        expect no actions
        mark equity $9,950
        expect notify trader "half"
        mark equity $9,940
        expect no actions
        mark equity $9,900
        expect breach "Daily"
        mark equity $10,000
        mark equity $9,899
        expect no breach
        mark equity $10,000
        next day
        mark equity $9,899
        expect breach "Daily"
        expect limit("Daily").breaches is 2
    }

    scenario "holds again" plan A {
        mark equity $9,800
        expect no breach "Again"
        mark equity $9,799.99
        expect breach "Again"
        mark equity $9,799
        expect no breach
        mark equity $9,800
        mark equity $9,700
        expect breach "Again"
        expect action review
        expect limit("Again").headroom is -$100
    }

    scenario "lasting" plan A {
        at 10:00
        mark equity $8,999
        expect no breach "Slow"
        at 10:00:09
        expect phase trial
        mark equity $9,001
        at 10:00:10
        mark equity $8,999
        at 10:00:20
        expect phase failed
    }
"#);
}

#[test]
fn rules_fire_when_they_should() {
    run(r#"
    phase trial {
        state warned: count = 0
        when profit is at least $100 { set warned = warned + 1 }
        on trade where trade.profit is below $0 { notify risk "loss of {trade.profit}" }
        every day at 15:00 { notify ops "three" }
        after 2 days since trade while account is flat { review "idle" }
        on enter { notify ops "welcome" }
    }

    scenario "turning true" plan A {
        expect warned is 0
        trade +$100
        expect warned is 1
        trade +$50
        expect warned is 1
        trade -$100
        expect notify risk "loss of -$100.00"
        trade +$60
        expect warned is 2
    }

    scenario "clock and waiting" plan A {
        at 14:59
        trade +$1
        at 15:00
        expect notify ops "three"
        next day
        next day
        expect action review
        next day
        expect no actions
    }
"#);
}

#[test]
fn goals_promote_when_flat_and_payouts_follow_their_steps() {
    run(r#"
    phase trial {
        ledger starts at size
        goal "Target" {
            require "profit" profit is at least $500
            require "days"   trading_days is at least 2
            on reached { promote to funded }
        }
        track trading_days = count traded days
    }
    phase funded {
        ledger starts at size
        payout {
            require "profit" profit is above $0
            pays at most 50% of profit
            leaves at least size
            minimum $100
            fee $10
            split 80% to trader
        }
    }

    scenario "through" plan A {
        trade +$600
        expect phase trial
        next day
        expect phase trial
        trade +$1
        next day
        expect phase funded
        expect balance is $10,000
        expect trial.profit is $601
        request payout
        expect denied by "profit"
        deny payout
        trade +$700
        request payout
        expect approved $350
        pay payout $350
        expect balance is $10,350
        next day
        request payout $90
        expect denied
    }
"#);
}

#[test]
fn orders_are_answered() {
    run(r#"
    phase trial {
        limit "Size" {
            weighted quantity stays at or below 3 contracts
            reduce orders to fit
        }
        limit "Positions" {
            count open positions stays at or below 1
            refuse orders that would break it
        }
    }

    scenario "orders" plan A {
        order buy 3 ES @ 5000.00
        expect allowed
        order buy 5 ES @ 5000.00
        expect reduced to 3
        buy 2 ES @ 5000.00 as a
        order buy 2 ES @ 5000.00
        expect reduced to 1
        order sell 5 ES @ 5000.00
        expect allowed
        order buy 1 NQ @ 20000.00
        expect rejected by "Positions"
    }
"#);
}
