use super::*;

fn fixed(text: &str) -> Fixed {
    text.parse::<crate::value::Decimal>().unwrap().into()
}

const ES: SymbolId = SymbolId(0);
const MES: SymbolId = SymbolId(1);
const USDJPY: SymbolId = SymbolId(2);
const EURGBP: SymbolId = SymbolId(3);
const GBPUSD: SymbolId = SymbolId(4);

fn instrument(multiplier: &str, weight: &str, conversion: Conversion) -> Instrument {
    Instrument { multiplier: fixed(multiplier), weight: fixed(weight), margin_rate: Some(fixed("0.01")), conversion }
}

fn ledger(mode: PositionMode, marks: MarkRule) -> Ledger {
    let mut ledger = Ledger::new(mode, marks, 3, fixed("100000"));
    ledger.set_instrument(ES, instrument("50", "1", Conversion::None));
    ledger.set_instrument(MES, instrument("5", "0.1", Conversion::None));
    ledger.set_instrument(USDJPY, instrument("100000", "1", Conversion::Divide(USDJPY)));
    ledger.set_instrument(EURGBP, instrument("100000", "1", Conversion::Multiply(GBPUSD)));
    ledger.set_instrument(GBPUSD, instrument("100000", "1", Conversion::None));
    ledger
}

fn fill(symbol: SymbolId, quantity: &str, price: &str) -> Fill {
    Fill {
        at: Instant::from_nanos(0),
        ordinal: 1,
        symbol,
        quantity: fixed(quantity),
        price: fixed(price),
        position: None,
        entry: FillEntry::Unknown,
        gross_profit: None,
        costs: Fixed::ZERO,
        rate: None,
        stop: None,
        target: None,
    }
}

fn quote(bid: &str, ask: &str) -> Quote {
    Quote { bid: Some(fixed(bid)), ask: Some(fixed(ask)), last: None }
}

/// docs/semantics.md: numbers.14
#[test]
fn partial_exits_share_the_entry_value_and_the_last_takes_what_remains() {
    let mut ledger = ledger(PositionMode::Netting, MarkRule::ExitSide);
    // Three contracts at 10, 10 and 11 have an entry value of 31: a third is 10.33333333.
    ledger.fill(&fill(ES, "2", "10")).unwrap();
    ledger.fill(&fill(ES, "1", "11")).unwrap();
    let first = ledger.fill(&fill(ES, "-1", "12")).unwrap();
    assert_eq!(first.gross, fixed("83.3333335"));
    let second = ledger.fill(&fill(ES, "-1", "12")).unwrap();
    assert_eq!(second.gross, fixed("83.333333"), "half of the 20.66666667 that are left is 10.333333335: a tie, to even");
    let third = ledger.fill(&fill(ES, "-1", "12")).unwrap();
    assert_eq!(third.gross, fixed("83.3333335"));
    assert_eq!(ledger.balance().unwrap(), fixed("100250"), "no cent is lost: (36 − 31) × 50");
    assert_eq!(third.trade.unwrap().profit, fixed("250"));
}

/// docs/semantics.md: quantity.2
#[test]
fn a_reversal_ends_one_position_and_begins_the_next() {
    let mut ledger = ledger(PositionMode::Netting, MarkRule::ExitSide);
    ledger.fill(&fill(ES, "2", "5000")).unwrap();
    let effect = ledger.fill(&Fill { costs: fixed("-4"), ..fill(ES, "-3", "5010") }).unwrap();
    assert!(effect.entered && effect.exited);
    assert_eq!((effect.gross, effect.net), (fixed("1000"), fixed("996")));
    assert_eq!(effect.trade.unwrap().profit, fixed("996"), "the costs go to the trade that ends");
    let open = &ledger.positions()[0];
    assert_eq!((open.serial, open.long, open.quantity, open.entry_value), (2, false, fixed("1"), fixed("5010")));
    assert_eq!(ledger.net_quantity(ES).unwrap(), fixed("-1"));
}

#[test]
fn longs_are_marked_at_the_bid_and_shorts_at_the_ask() {
    let mut ledger = ledger(PositionMode::Hedging, MarkRule::ExitSide);
    ledger.fill(&Fill { position: Some(1), ..fill(ES, "1", "5000") }).unwrap();
    ledger.fill(&Fill { position: Some(2), ..fill(ES, "-1", "5000") }).unwrap();
    assert_eq!(ledger.equity(), Some(fixed("100000")), "at its fill price until the next mark");
    ledger.mark(ES, quote("4999", "5001"), 3);
    assert_eq!(ledger.open_profit(), Some(fixed("-100")));
    assert_eq!(ledger.positions()[0].worst, (fixed("-50"), 3));
    assert_eq!(ledger.weighted_quantity().unwrap(), Fixed::ZERO, "net per symbol");
    assert_eq!(ledger.exposure(), Some(fixed("100")), "4999 × 50 long against 5001 × 50 short");
}

#[test]
fn quote_currencies_are_converted_by_the_pair_that_has_both() {
    let mut ledger = ledger(PositionMode::Netting, MarkRule::ExitSide);
    ledger.fill(&fill(USDJPY, "1", "150")).unwrap();
    assert_eq!(ledger.open_profit(), None, "no rate is missing, never 1");
    ledger.mark(USDJPY, quote("151", "151.02"), 2);
    // 100,000 yen at a middle of 151.01.
    assert_eq!(ledger.open_profit(), Some(fixed("662.20780081")));
    ledger.fill(&fill(EURGBP, "1", "0.85")).unwrap();
    assert_eq!(ledger.open_profit(), None);
    ledger.mark(GBPUSD, quote("1.26", "1.27"), 3);
    ledger.mark(EURGBP, quote("0.851", "0.8512"), 4);
    // 100 pounds at a middle of 1.265.
    assert_eq!(ledger.positions()[1].open_profit, Some(fixed("126.5")));
    ledger.mark(GBPUSD, quote("1.30", "1.30"), 5);
    assert_eq!(ledger.positions()[1].open_profit, Some(fixed("130")), "a tick of the conversion pair marks it too");
    let told = ledger.fill(&Fill { rate: Some("1.25".parse().unwrap()), ..fill(EURGBP, "-1", "0.852") }).unwrap();
    assert_eq!(told.gross, fixed("250"), "the fill's own rate is used for what is realised");
}

#[test]
fn told_results_win_and_costs_are_lines_of_their_own() {
    let mut ledger = ledger(PositionMode::Netting, MarkRule::ExitSide);
    ledger.fill(&Fill { costs: fixed("-3.5"), ..fill(ES, "1", "5000") }).unwrap();
    assert_eq!(ledger.balance().unwrap(), fixed("99996.5"));
    let exit = ledger.fill(&Fill { gross_profit: Some(fixed("250")), costs: fixed("-3.7"), ..fill(ES, "-1", "5001") }).unwrap();
    assert_eq!(exit.trade.unwrap().profit, fixed("242.8"));
    assert_eq!(ledger.totals().costs, fixed("7.2"));
    assert_eq!(ledger.totals().profit, fixed("242.8"));
    ledger.cash(CashKind::Withdrawal, fixed("-100")).unwrap();
    ledger.cash(CashKind::Cost, fixed("-1")).unwrap();
    assert_eq!((ledger.totals().profit, ledger.totals().withdrawn), (fixed("241.8"), fixed("100")));
    assert_eq!(ledger.balance().unwrap(), fixed("100141.8"));
}

#[test]
fn a_snapshot_sets_balance_and_equity_and_ticks_move_on_from_there() {
    let mut ledger = ledger(PositionMode::Netting, MarkRule::ExitSide);
    ledger.fill(&fill(ES, "1", "5000")).unwrap();
    ledger.snapshot(fixed("100010"), fixed("100050")).unwrap();
    assert_eq!((ledger.balance().unwrap(), ledger.equity()), (fixed("100010"), Some(fixed("100050"))));
    ledger.mark(ES, quote("5001", "5001"), 2);
    assert_eq!(ledger.equity(), Some(fixed("100100")));
}

#[test]
fn a_fault_leaves_the_ledger_as_it_was() {
    let mut ledger = ledger(PositionMode::Hedging, MarkRule::ExitSide);
    for key in 1..=3 {
        ledger.fill(&Fill { position: Some(key), entry: FillEntry::In, ..fill(ES, "1", "5000") }).unwrap();
    }
    let before = ledger.clone();
    let faults = [
        (Fill { position: Some(4), ..fill(ES, "1", "5000") }, LedgerFault::Capacity),
        (Fill { position: Some(9), entry: FillEntry::Out, ..fill(ES, "-1", "5000") }, LedgerFault::UnknownPosition),
        (Fill { position: Some(1), entry: FillEntry::Out, ..fill(ES, "-2", "5000") }, LedgerFault::ExitTooLarge),
        (fill(SymbolId(9), "1", "5000"), LedgerFault::UnknownInstrument),
        (fill(ES, "0", "5000"), LedgerFault::NoQuantity),
        (
            Fill { position: Some(1), ..fill(ES, "90000000000", "90000000000") },
            LedgerFault::Arithmetic(crate::value::ArithmeticError::Overflow),
        ),
    ];
    for (bad, fault) in faults {
        assert_eq!(ledger.fill(&bad), Err(fault));
        assert_eq!(ledger, before);
    }
}

#[test]
fn risk_runs_from_entry_to_stop_and_never_below_zero() {
    let mut ledger = ledger(PositionMode::Netting, MarkRule::ExitSide);
    ledger.fill(&Fill { position: Some(7), stop: Some(fixed("4990")), ..fill(ES, "2", "5000") }).unwrap();
    assert_eq!(ledger.open_risk(), Some(fixed("1000")));
    ledger.protect(7, Some(Some(fixed("4980"))), None).unwrap();
    ledger.protect(7, Some(Some(fixed("5005"))), None).unwrap();
    assert_eq!(ledger.open_risk(), Some(Fixed::ZERO));
    assert_eq!(ledger.positions()[0].widest_risk, Some(fixed("2000")));
    ledger.protect(7, Some(None), None).unwrap();
    assert_eq!(ledger.open_risk(), None);
}

#[test]
fn micros_count_by_their_weight() {
    let mut ledger = ledger(PositionMode::Netting, MarkRule::Last);
    ledger.fill(&fill(ES, "-2", "5000")).unwrap();
    ledger.fill(&fill(MES, "15", "5000")).unwrap();
    assert_eq!(ledger.weighted_quantity().unwrap(), fixed("3.5"));
    assert!(ledger.rate_of(Conversion::None).unwrap().is_same());
}

proptest::proptest! {
    #[test]
    fn when_flat_the_balance_is_the_start_and_all_that_was_booked(steps in proptest::collection::vec((-5i64..=5, 4990i64..5010, -300i64..=0), 1..40)) {
        let mut ledger = ledger(PositionMode::Netting, MarkRule::ExitSide);
        let (mut cash_flow, mut held) = (0i64, 0i64);
        for (quantity, price, costs) in steps {
            if quantity == 0 {
                continue;
            }
            let done = ledger.fill(&Fill { costs: Fixed::from_int(costs).unwrap(), ..fill(ES, &quantity.to_string(), &price.to_string()) });
            done.unwrap();
            cash_flow += -quantity * price * 50 + costs;
            held += quantity;
            // Balance and open profit at any price are what buying and selling at these prices brings.
            ledger.mark(ES, quote(&price.to_string(), &price.to_string()), 1);
            let worth = cash_flow + held * price * 50;
            let equity = ledger.equity().unwrap().raw() - 100_000 * Fixed::ONE_RAW;
            assert!((equity - worth * Fixed::ONE_RAW).abs() <= 40 * 50, "{equity} {worth}");
        }
    }
}
