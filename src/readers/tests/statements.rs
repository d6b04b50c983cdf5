use super::*;

#[test]
fn mt4_rows_are_an_entry_and_an_exit() {
    let events = read(data!("statements/mt4-statement.csv"), &options());
    // The pending order 1004 is no trade; the booking of midnight comes in its place.
    assert_eq!(
        lines(&events),
        [
            "2026-02-02T08:15:00Z mt4-statement/2/in fill 1001/in EURUSD 0.5 at 1.085 in position 1001 user",
            "2026-02-02T12:30:00Z mt4-statement/2/out fill 1001/out EURUSD -0.5 at 1.09 out position 1001 gross 250 commission -3.5 tax 0 swap -0.2 user",
            "2026-02-03T07:00:00Z mt4-statement/3/in fill 1002/in EURUSD -0.5 at 1.092 in position 1002 user",
            "2026-02-03T09:45:00Z mt4-statement/3/out fill 1002/out EURUSD 0.5 at 1.0945 out position 1002 gross -125 commission -3.5 tax 0 swap 0 user",
            "2026-02-04T10:00:00Z mt4-statement/4/in fill 1003/in GBPUSD 1 at 1.265 in position 1003 user",
            "2026-02-04T13:00:00Z mt4-statement/4/out fill 1003/out GBPUSD -1 at 1.27 out position 1003 gross 500 commission -7 tax 0 swap -0.3 user",
            "2026-02-04T22:00:00Z mt4-statement/6 cash 1005 1000 deposit",
        ]
    );
    // 250 − 125 + 500 of profit, 14 of commission, 0.5 of swap, 1,000 paid in.
    assert_eq!(balance(&events), "1610.5");
    assert!(events.iter().all(|event| event.account.as_deref() == Some("A")));
}

#[test]
fn mt5_history_reads_positions_where_deals_do_not_cover_them() {
    let events = read(data!("statements/mt5-history.html"), &options());
    // Two positions, but deals of the first one only; a hidden cell stands before the costs.
    assert_eq!(
        lines(&events),
        [
            "2026-03-02T08:00:00Z mt5-history/4/in fill 301/in XAUUSD 0.1 at 2320.5 in position 301 user",
            "2026-03-02T13:00:00Z mt5-history/4/out fill 301/out XAUUSD -0.1 at 2331 out position 301 gross 105 commission -0.7 swap 0 user",
            "2026-03-03T07:00:00Z mt5-history/5/in fill 302/in XAUUSD -0.1 at 2340 in position 302 user",
            "2026-03-03T10:00:00Z mt5-history/5/out fill 302/out XAUUSD 0.1 at 2335 out position 302 gross 50 commission -0.7 swap -0.1 user",
        ]
    );
    assert_eq!(balance(&events), "153.5");
}

#[test]
fn mt5_history_reads_deals_where_they_cover_the_positions() {
    let (name, page) = data!("statements/mt5-history.html");
    let page = String::from_utf8_lossy(page);
    let (before, second) = page.split_once("<tr><td>2026.03.03").unwrap();
    let (_, after) = second.split_once("</tr>").unwrap();
    let events = read((name, format!("{before}{after}").as_bytes()), &options());
    assert_eq!(
        lines(&events),
        [
            "2026-03-02T08:00:00Z mt5-history/10 fill 501 XAUUSD 0.1 at 2320.5 in order 401 commission -0.35 fee 0 swap 0 user",
            "2026-03-02T13:00:00Z mt5-history/11 fill 502 XAUUSD -0.1 at 2331 out order 402 gross 105 commission -0.35 fee 0 swap 0 user",
        ]
    );
}

#[test]
fn mt5_deals_have_reversals_and_bookings() {
    let events = read(data!("statements/mt5-tester-deals.html"), &options());
    assert_eq!(
        lines(&events),
        [
            "2026-01-01T22:00:00Z mt5-tester-deals/11 cash 1 10000 deposit",
            "2026-01-02T08:00:00Z mt5-tester-deals/12 fill 2 EURUSD 0.06 at 1.1 in order 701 commission -0.06 fee 0 swap 0 user",
            "2026-01-02T12:00:00Z mt5-tester-deals/13 fill 3 EURUSD -0.06 at 1.105 out order 702 gross 30 commission -0.06 fee 0 swap -0.1 user",
            "2026-01-03T07:00:00Z mt5-tester-deals/14 fill 4 EURUSD -0.1 at 1.108 in order 703 commission -0.1 fee 0 swap 0 user",
            "2026-01-03T13:00:00Z mt5-tester-deals/15 fill 5 EURUSD 0.16 at 1.106 in_out order 704 gross 20 commission -0.16 fee 0 swap 0 user",
            "2026-01-04T09:00:00Z mt5-tester-deals/16 fill 6 EURUSD -0.06 at 1.109 out order 705 gross 18 commission -0.06 fee 0 swap 0 user",
        ]
    );
    // The report states 10,029.78 after the third deal.
    assert_eq!(balance(&events[..3]), "10029.78");
    // 68 of profit, 0.44 of commission, 0.1 of swap.
    assert_eq!(balance(&events), "10067.46");
}

#[test]
fn mt5_says_in_the_comment_what_closed_a_position() {
    let (name, page) = data!("statements/mt5-tester-deals.html");
    let page = String::from_utf8_lossy(page);
    for (comment, reason) in
        [("[sl 1.10500]", "stop_loss"), ("[tp 1.1]", "take_profit"), ("so 49.9%/99.8/200", "stop_out"), ("slow", "user")]
    {
        let page = page.replace("<td>10029.78</td><td></td>", &format!("<td>10029.78</td><td>{comment}</td>"));
        assert!(line(&read((name, page.as_bytes()), &options())[2]).ends_with(reason), "{comment}");
    }
}

#[test]
fn mt5_reports_in_utf_16_and_with_grouped_thousands_are_read() {
    let (name, page) = data!("statements/mt5-tester-deals.html");
    let page = String::from_utf8_lossy(page).replace("<td>10000.00</td>", "<td>10 000.00</td>");
    let wide: Vec<u8> = [0xFF, 0xFE].into_iter().chain(page.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert_eq!(lines(&read((name, &wide), &options())), lines(&read((name, page.as_bytes()), &options())));
    assert_eq!(balance(&read((name, &wide), &options())), "10067.46");
}

#[test]
fn mt4_pages_are_read_like_its_csv() {
    let page = "<html><title>Statement</title><table><tr><td colspan=13><b>Closed Transactions:</b></td></tr>\
        <tr><td>Ticket</td><td>Open Time</td><td>Type</td><td>Size</td><td>Item</td><td>Price</td><td>S / L</td><td>T / P</td>\
        <td>Close Time</td><td>Price</td><td>Commission</td><td>Taxes</td><td>Swap</td><td>Profit</td></tr>\
        <tr><td>7</td><td>2026.02.01 00:00:00</td><td>balance</td><td colspan=10>Deposit</td><td>50 000.00</td></tr>\
        <tr><td>8</td><td>2026.02.02 10:15:00</td><td>sell</td><td>0.50</td><td>eurusd</td><td>1.08500</td><td>0</td><td>0</td>\
        <td>2026.02.02 14:30:00</td><td>1.09000</td><td>-3.50</td><td>0.00</td><td>0.00</td><td>-250.00</td></tr>\
        <tr><td colspan=10>&nbsp;</td><td>-3.50</td><td>0.00</td><td>0.00</td><td>-250.00</td></tr>\
        <tr><td colspan=13><b>Open Trades:</b></td></tr><tr><td colspan=2>No transactions</td><td>0</td></tr></table></html>";
    assert_eq!(
        lines(&read(("statement.htm", page.as_bytes()), &options())),
        [
            "2026-01-31T22:00:00Z statement/3 cash 7 50000 deposit",
            "2026-02-02T08:15:00Z statement/4/in fill 8/in eurusd -0.5 at 1.085 in position 8 user",
            "2026-02-02T12:30:00Z statement/4/out fill 8/out eurusd 0.5 at 1.09 out position 8 gross -250 commission -3.5 tax 0 swap 0 user",
        ]
    );
}

#[test]
fn tradovate_orders_that_are_filled_are_fills() {
    let events = read(data!("statements/tradovate-orders.csv"), &options());
    // The canceled row has a filled quantity all the same; the month comes first.
    assert_eq!(
        lines(&events),
        [
            "2026-07-07T07:31:12Z tradovate-orders/2 fill 2 MNQU6 2 at 18100.25 unknown user",
            "2026-07-07T07:40:00Z tradovate-orders/3 fill 3 MNQU6 -2 at 18130.25 unknown user",
        ]
    );
}

#[test]
fn executions_are_fills() {
    let events = read(data!("statements/executions.csv"), &options());
    assert_eq!(
        lines(&events),
        [
            "2026-05-04T07:30:00Z executions/2 fill 2 AAPL 100 at 180 unknown user",
            "2026-05-04T07:45:00Z executions/3 fill 3 AAPL 100 at 182 unknown user",
            "2026-05-04T08:30:00Z executions/4 fill 4 AAPL -200 at 185 unknown user",
            "2026-05-04T09:00:00Z executions/5 fill 5 TSLA -50 at 170 unknown user",
            "2026-05-04T10:00:00Z executions/6 fill 6 TSLA 80 at 165 unknown user",
            "2026-05-04T11:00:00Z executions/7 fill 7 MSFT 10 at 420 unknown user",
        ]
    );
}

#[test]
fn executions_may_say_their_zone_their_account_and_their_costs() {
    let text = "\u{feff}Time,Symbol,Side,Qty,Price,Account,ID,Order,Commission,Fee\r\n\r\n\
        2026-05-04T09:30:00-04:00,\"AAPL\",S,100,180.00,B7,x1,o1,-1.5,\"-0.02\"\r\n";
    let events = read(("fills.txt", text.as_bytes()), &ReadOptions::default());
    assert_eq!(lines(&events), ["2026-05-04T13:30:00Z fills/3 fill x1 AAPL -100 at 180 unknown order o1 commission -1.5 fee -0.02 user"]);
    assert_eq!(events[0].account.as_deref(), Some("B7"));
}

#[test]
fn what_a_statement_leaves_open_must_be_told() {
    for file in [
        data!("statements/mt4-statement.csv"),
        data!("statements/mt5-history.html"),
        data!("statements/mt5-tester-deals.html"),
        data!("statements/tradovate-orders.csv"),
        data!("statements/executions.csv"),
    ] {
        let error = open_error(file, &ReadOptions { zone: None, ..options() });
        assert!(error.contains("field `zone`: its times are local") && error.contains("give the zone of the platform's clock"), "{error}");
        let error = open_error(file, &ReadOptions { account: None, ..options() });
        assert!(error.contains("field `account`") && error.contains("give the key of the account"), "{error}");
    }
}

#[test]
fn a_row_that_cannot_be_read_is_reported_and_the_rest_is_read() {
    let (name, bytes) = data!("statements/mt4-statement.csv");
    let text = String::from_utf8_lossy(bytes);
    let cases = [
        (
            "-3.50,0.00,-0.20,250.00",
            "-3.50,0.00,-0.20,\"1,250.00\"",
            ":2: field `Profit`: `1,250.00` is not a decimal number",
            "correct the cell",
        ),
        (
            "buy,0.50,EURUSD,1.08500",
            "buy,0.50,EURUSD,1.085000001",
            ":2: field `Price`: `1.085000001` is more than 8 decimals",
            "never rounded",
        ),
        (
            "2026.02.02 14:30",
            "2026.02.30 14:30",
            ":2: field `Close Time`: `2026.02.30 14:30` is no time",
            "write it as in `2026.03.02 14:30:00`",
        ),
        ("1001,2026.02.02 10:15,buy", "1001,2026.02.02 10:15,purchase", ":2: field `Type`: unknown type `purchase`", "known are buy, sell"),
        ("buy,0.50", "buy,0.00", ":2: field `Size`: a trade of nothing", "give how much was traded"),
        (
            "1005,2026.02.05 00:00,balance,,,,,,,,0.00,0.00,0.00,1000.00",
            "1005,2026.02.05 00:00,balance,0.00",
            ":6: field `Profit`: `` is not a decimal number",
            "write digits",
        ),
        (",250.00", "", ":2: field `Profit`: `` is not a decimal number", "write digits"),
    ];
    for (from, to, message, help) in cases {
        let spoilt = text.replacen(from, to, 1);
        assert_ne!(spoilt, text);
        let read = read_with((name, spoilt.as_bytes()), &options());
        let errors: Vec<_> = read.iter().filter_map(|event| event.as_ref().err()).map(ToString::to_string).collect();
        assert!(errors.len() == 1 && errors[0].contains(message) && errors[0].contains(help), "{errors:?}");
        let lost = if message.starts_with(":6") { 1 } else { 2 };
        assert_eq!(read.iter().flatten().count(), 7 - lost);
    }
}

#[test]
fn a_plain_list_has_no_column_that_is_passed_over() {
    let text = "Time,Symbol,Side,Qty,Price,Slippage\n2026-05-04 09:30:00,AAPL,buy,100,180.00,0.01\n";
    let error = open_error(("x.csv", text.as_bytes()), &options());
    assert!(error.contains("x.csv:1: field `Slippage`: unknown column") && error.contains("known are Time, Symbol, Side"), "{error}");
}
