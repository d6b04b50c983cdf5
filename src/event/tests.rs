use super::*;

/// One line of every kind, with every field that the kind has.
const LINES: &[&str] = &[
    r#"{"id":"c1","at":"2026-01-01T00:00:00Z","kind":"calendar","calendar":"cmes","date":"2026-11-27","early_close":"2026-11-27T18:15:00Z"}"#,
    r#"{"id":"c2","at":"2026-01-01T00:00:00Z","kind":"calendar","calendar":"cmes","date":"2026-12-25","closed":true}"#,
    r#"{"id":"i1","at":"2026-01-01T00:00:00Z","kind":"instrument","symbol":"MNQU6","class":"index","unit":"contract","lot_size":"1","multiplier":"2","tick_size":"0.25","pip_size":"1","quantity_step":"1","min_quantity":"1","max_quantity":"150","margin_rate":"0.05","quote_currency":"USD","base_currency":"USD","root":"MNQ","weight":"0.1","group":"equity","calendar":"cmes"}"#,
    r#"{"id":"n1","at":"2026-01-01T00:00:00Z","kind":"news","news_id":"cpi","title":"US CPI","impact":"high","currencies":["USD"],"symbols":["MNQU6"],"starts":"2026-01-13T13:30:00Z","ends":"2026-01-13T14:00:00Z","cancelled":false}"#,
    r#"{"id":"o1","account":"A","seq":1,"at":"2026-01-02T00:00:00Z","kind":"open","program":"combine","version":"2","plan":"50K","options":{"news":true,"split":"90"},"currency":"USD","start_balance":"50000","position_mode":"netting","trader":"t","household":"h","phase":"eval","continues":"Z","purchased_at":"2026-01-01T09:00:00Z","reset_at":"2026-01-01T10:00:00Z","price_paid":"49.5","swap":"in_position"}"#,
    r#"{"id":"g1","account":"A","at":"2026-01-01T00:00:00Z","kind":"migrate","program":"P","version":"2","who":"risk","why":"tighter"}"#,
    r#"{"id":"s1","account":"A","at":"2026-01-03T00:00:00Z","kind":"staff","decision":"override","who":"ops","why":"feed error","breach":"Daily loss","balance":"keep"}"#,
    r#"{"id":"p1","account":"A","at":"2026-01-03T00:00:00Z","kind":"input","name":"identity checked","value":true}"#,
    r#"{"id":"p2","account":"A","at":"2026-01-03T00:00:00Z","kind":"input","name":"shares","value":"12.50"}"#,
    r#"{"id":"k1","account":"A","at":"2026-01-03T00:00:00Z","kind":"ack","key":"A/f1/3/0/0","attempt":1,"status":"partial","remaining":"2","text":"no liquidity"}"#,
    r#"{"id":"m1","account":"A","at":"2026-01-03T00:00:00Z","kind":"cash","cash_id":"7","amount":"-500.25","type":"payout","value_date":"2026-01-05","ref_fill":"f0","payout_id":"w1"}"#,
    r#"{"id":"q1","account":"A","at":"2026-01-03T00:00:00Z","trade_date":"2026-01-03","provenance":"reconciled","kind":"position","position_id":"9","symbol":"EURUSD","quantity":"-0.5","price":"1.085","open_profit":"12","swap":"-0.2","commission":"-3.5"}"#,
    r#"{"id":"r1","account":"A","at":"2026-01-03T00:00:00Z","kind":"order","order_id":"12","symbol":"EURUSD","side":"sell","type":"stop_limit","quantity":"-0.5","price":"1.08","stop_price":"1.081","stop_loss":"1.09","take_profit":"1.07","status":"new","parent":"11","extra":{"device":"phone"}}"#,
    r#"{"id":"t1","account":"A","at":"2026-01-03T00:00:00Z","kind":"protect","position_id":"9","stop_loss":"1.08","take_profit":"1.1"}"#,
    r#"{"id":"f2","account":"A","seq":18446744073709551615,"at":"2026-01-03T00:00:00.000000001Z","received":"2026-01-03T00:00:00.25Z","corrects":"f1","kind":"fill","fill_id":"2","order_id":"12","position_id":"9","symbol":"EURUSD","quantity":"0.16","price":"1.106","entry":"in_out","closed_quantity":"0.1","gross_profit":"20","commission":"-0.16","fee":"0","tax":"-0.01","swap":"0.3","fx_rate":"0.006666666666666667","reason":"stop_loss","extra":{"latency":"35"},"raw":{"comment":null,"lots":[0.16,-3,7,true,"x"]}}"#,
    r#"{"id":"u1","at":"2026-01-03T00:00:00Z","kind":"tick","symbol":"EURUSD","bid":"1.0850","ask":"1.0852","last":"1.0851","quality":"stale","extra":{"volume":"3"}}"#,
    r#"{"id":"v1","account":"A","at":"2026-01-03T00:00:00Z","busts":"v0","kind":"snapshot","balance":"50000","equity":"49950","open_profit":"-50","margin":"1200","version":7,"anchor":"day"}"#,
    r#"{"id":"w1","account":"A","at":"2026-01-03T00:00:00Z","kind":"payout","payout_id":"w1","status":"requested","amount":"500","reason":"first"}"#,
    r#"{"id":"x1","account":"A","at":"2026-01-03T00:00:00Z","kind":"host","name":"device changed","fields":{"device":"phone","trusted":false}}"#,
    r#"{"id":"y1","at":"2026-01-03T00:00:00Z","kind":"gap","from":"2026-01-02T23:00:00Z","to":"2026-01-03T00:00:00Z","reason":"feed down"}"#,
    r#"{"id":"y2","account":"A","at":"2026-01-03T00:00:00Z","kind":"close"}"#,
    r#"{"id":"y3","at":"2026-01-03T00:00:00Z","kind":"clock"}"#,
];

fn read(line: &str) -> Result<Event, String> {
    serde_json::from_str(line).map_err(|error| error.to_string())
}

/// docs/semantics.md: numbers.9
#[test]
fn every_line_survives_reading_and_writing() {
    for line in LINES {
        let event = read(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        // The only freedom: numbers lose trailing zeros where they are decimals.
        let canonical = line.replace("\"1.0850\"", "\"1.085\"").replace(".25Z", ".250Z");
        assert_eq!(serde_json::to_string(&event).unwrap(), canonical);
        assert_eq!(read(&canonical).unwrap(), event);
    }
}

#[test]
fn the_lines_hold_every_field_of_every_kind() {
    for row in kinds() {
        let tag = format!(r#""kind":"{}""#, row.name);
        for field in row.fields {
            let name = format!(r#""{}":"#, field.name);
            assert!(LINES.iter().any(|line| line.contains(&tag) && line.contains(&name)), "{}.{}", row.name, field.name);
            assert!(!field.doc.is_empty() && ENVELOPE.iter().all(|envelope| envelope.name != field.name), "{}.{}", row.name, field.name);
        }
    }
    for field in ENVELOPE {
        assert!(LINES.iter().any(|line| line.contains(&format!(r#""{}":"#, field.name))), "{}", field.name);
    }
}

/// docs/semantics.md: instant.9
#[test]
fn one_instant_has_an_order() {
    let kinds: Vec<_> = kinds().iter().map(|row| (row.order, row.name)).collect();
    assert!(kinds.is_sorted());
    let names: Vec<_> = kinds.iter().map(|(_, name)| *name).collect();
    let order = [
        "calendar",
        "instrument",
        "news",
        "open",
        "migrate",
        "staff",
        "input",
        "ack",
        "cash",
        "position",
        "order",
        "protect",
        "fill",
        "tick",
        "snapshot",
        "payout",
        "host",
        "gap",
        "close",
        "clock",
    ];
    assert_eq!(names, order);
    let correction = LINES.iter().filter_map(|line| read(line).ok()).find(|event| event.corrects.is_some()).unwrap();
    assert!(kinds.iter().all(|(order, _)| *order != correction.order_in_instant()));
    assert_eq!(kinds.iter().filter(|(order, _)| *order < correction.order_in_instant()).count(), 4);
}

/// docs/semantics.md: numbers.10
#[test]
fn what_is_not_known_is_named_with_what_is() {
    let cases = [
        (
            r#"{"id":"1","at":"2026-01-03T00:00:00Z","kind":"tik","symbol":"X"}"#,
            &["unknown kind `tik`", "did you mean `tick`?", "snapshot"][..],
        ),
        (r#"{"id":"1","at":"2026-01-03T00:00:00Z","symbol":"X"}"#, &["field `kind`: is missing", "one of calendar"]),
        (
            r#"{"id":"1","at":"2026-01-03T00:00:00Z","kind":"tick","symbol":"X","bid":"1","aks":"2"}"#,
            &["field `aks`: unknown field of a `tick`", "did you mean `ask`?", "goes under `raw`"],
        ),
        (r#"{"id":"1","at":"2026-01-03T00:00:00Z","kind":"tick","symbol":"X","bid":"1","bid":"2"}"#, &["field `bid`: is there twice"]),
        (
            r#"{"id":"1","at":"2026-01-03T00:00:00Z","kind":"tick","symbol":"X","bid":1.5}"#,
            &["field `bid`: found floating point `1.5`", "has been through a float", "in quotes"],
        ),
        (
            r#"{"id":"1","at":"2026-01-03T00:00:00Z","kind":"tick","symbol":"X","bid":"1.123456789"}"#,
            &["field `bid`: ", "more than 8 decimals", "never rounded"],
        ),
        (
            r#"{"id":"1","at":"2026-01-03T00:00:00Z","kind":"tick","symbol":"X","bid":null}"#,
            &["field `bid`: is `null`", "leave the field out"],
        ),
        (
            r#"{"id":"1","at":"2026-01-03T00:00:00Z","kind":"tick","symbol":"X"}"#,
            &["a tick without any price", "give `bid`, `ask` or `last`"],
        ),
        (
            r#"{"id":"1","at":"2026-01-03T00:00:00Z","kind":"tick","bid":"1"}"#,
            &["field `symbol`: is missing", "add it to the `tick`: the symbol"],
        ),
        (
            r#"{"id":"1","at":"2026-01-03 00:00","kind":"clock"}"#,
            &["field `at`: `2026-01-03 00:00` is not a time", "write a time with its zone"],
        ),
        (r#"{"id":"1","at":"2026-01-03T00:00:00Z","kind":"close"}"#, &["field `account`: is missing", "a `close` belongs to one account"]),
        (
            r#"{"id":"1","account":"A","at":"2026-01-03T00:00:00Z","kind":"tick","symbol":"X","bid":"1"}"#,
            &["field `account`: a `tick` is market-wide", "leave `account` out"],
        ),
        (r#"{"id":"","at":"2026-01-03T00:00:00Z","kind":"clock"}"#, &["field `id`: is empty"]),
        (r#"{"id":"1","corrects":"2","busts":"3","at":"2026-01-03T00:00:00Z","kind":"clock"}"#, &["cannot both correct and bust"]),
        (
            r#"{"id":"1","account":"A","at":"2026-01-03T00:00:00Z","kind":"cash","cash_id":"1","amount":"5","type":"deposite"}"#,
            &["`deposite` is no type of cash (did you mean `deposit`?): one of deposit, withdrawal"],
        ),
        (
            r#"{"id":"1","account":"A","at":"2026-01-03T00:00:00Z","kind":"cash","cash_id":"1","amount":"-5","type":"payout"}"#,
            &["field `payout_id`", "name the payout"],
        ),
        (
            r#"{"id":"1","account":"A","at":"2026-01-03T00:00:00Z","kind":"input","name":"x","value":3}"#,
            &["found integer `3`", "text in quotes"],
        ),
        (
            r#"{"id":"1","account":"A","at":"2026-01-03T00:00:00Z","kind":"order","order_id":"1","symbol":"X","side":"buy","type":"market","quantity":"-1","status":"new"}"#,
            &["`-1` does not fit the side `buy`"],
        ),
        (
            r#"{"id":"1","account":"A","seq":-1,"at":"2026-01-03T00:00:00Z","kind":"close"}"#,
            &["field `seq`: found integer `-1`", "a whole number that is not negative"],
        ),
        (&LINES[2].replace("contract", "contracts"), &["field `unit`: unknown variant `contracts`", "one of contract, lot, share"]),
        ("[]", &["an event is an object"]),
    ];
    for (line, parts) in cases {
        let error = read(line).unwrap_err();
        for part in parts {
            assert!(error.contains(part), "{line}\n{error}\nlacks: {part}");
        }
    }
}

/// docs/semantics.md: instant.11
#[test]
fn an_id_has_at_most_64_bytes() {
    let line = |id: &str| format!(r#"{{"id":"{id}","at":"2026-01-03T00:00:00Z","kind":"clock"}}"#);
    assert!(read(&line(&"x".repeat(64))).is_ok());
    assert!(read(&line(&"x".repeat(65))).unwrap_err().contains("field `id`: is 65 bytes long; an id has at most 64 bytes"));
}

#[test]
fn a_default_is_left_out_when_written() {
    let told =
        r#"{"id":"1","at":"2026-01-03T00:00:00Z","provenance":"broker","kind":"tick","symbol":"X","bid":"1","quality":"ok","extra":{}}"#;
    let event = read(told).unwrap();
    assert_eq!(serde_json::to_string(&event).unwrap(), r#"{"id":"1","at":"2026-01-03T00:00:00Z","kind":"tick","symbol":"X","bid":"1"}"#);
}

#[test]
fn the_side_gives_an_order_its_sign() {
    for quantity in ["2", "-2"] {
        let line = format!(
            r#"{{"id":"1","account":"A","at":"2026-01-03T00:00:00Z","kind":"order","order_id":"1","symbol":"X","side":"sell","type":"market","quantity":"{quantity}","status":"new"}}"#
        );
        let Kind::Order(order) = read(&line).unwrap().kind else { panic!("an order") };
        assert_eq!(order.signed_quantity().to_string(), "-2");
    }
}
