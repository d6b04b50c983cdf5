use super::*;
use crate::event::CalendarDay;

fn calendar((name, bytes): (&str, &[u8])) -> ExchangeCalendar {
    let (calendar, errors) = ExchangeCalendar::read(name, bytes).unwrap();
    assert_eq!(errors, []);
    calendar
}

fn texts(days: &[CalendarDay]) -> Vec<String> {
    let text = |day: &CalendarDay| match day.early_close {
        Some(close) => format!("{} closes {close}", day.date),
        None => format!("{} closed", day.date),
    };
    days.iter().map(text).collect()
}

#[test]
fn sessions_have_a_date_an_opening_and_a_close() {
    let globex = calendar(data!("calendars/cmes-2013-2014.csv"));
    assert_eq!(globex.sessions.len(), 516);
    let session = globex.session("2014-05-02".parse().unwrap()).unwrap();
    assert_eq!(session.open.to_string(), "2014-05-01T22:00:00Z");
    assert_eq!(session.close.to_string(), "2014-05-02T22:00:00Z");
    assert_eq!(session.pause, None);
    assert_eq!(globex.session("2014-05-03".parse().unwrap()), None);
}

#[test]
fn exceptions_are_holidays_and_early_closes() {
    let globex = calendar(data!("calendars/cmes-2013-2014.csv"));
    let days = globex.exceptions("cmes");
    assert_eq!(
        texts(&days),
        [
            "2013-01-21 closes 2013-01-21T18:00:00Z",
            "2013-02-18 closes 2013-02-18T18:00:00Z",
            "2013-03-29 closed",
            "2013-05-27 closes 2013-05-27T17:00:00Z",
            "2013-07-04 closes 2013-07-04T17:00:00Z",
            "2013-09-02 closes 2013-09-02T17:00:00Z",
            "2013-11-28 closes 2013-11-28T18:00:00Z",
            "2013-11-29 closes 2013-11-29T18:00:00Z",
            "2013-12-24 closes 2013-12-24T18:00:00Z",
            "2013-12-25 closed",
            "2014-01-01 closed",
            "2014-01-20 closes 2014-01-20T18:00:00Z",
            "2014-02-17 closes 2014-02-17T18:00:00Z",
            "2014-04-18 closed",
            "2014-05-26 closes 2014-05-26T17:00:00Z",
            "2014-07-04 closes 2014-07-04T17:00:00Z",
            "2014-09-01 closes 2014-09-01T17:00:00Z",
            "2014-11-27 closes 2014-11-27T18:00:00Z",
            "2014-11-28 closes 2014-11-28T18:00:00Z",
            "2014-12-24 closes 2014-12-24T18:00:00Z",
            "2014-12-25 closed",
        ]
    );
    assert!(days.iter().all(|day| day.calendar == "cmes"));

    let weekdays = calendar(data!("calendars/24-5.csv"));
    assert_eq!(weekdays.sessions.len(), 261);
    assert_eq!(weekdays.exceptions("24-5"), []);
}

#[test]
fn a_row_that_cannot_be_read_is_left_out_and_reported() {
    let text = ",open,close,break_start,break_end\n\
        2018-01-01T00:00:00Z,2018-01-01T00:00:00Z,2018-01-02T00:00:00Z,2018-01-01T11:00:00Z,2018-01-01T12:00:00Z\n\
        2018-01-02T00:00:00Z,2018-01-02T00:00:00Z,2018-01-02T00:00:00Z,,\n\
        2018-01-03T00:00:00Z,,2018-01-04T00:00:00Z,,\n\
        2018-01-01T00:00:00Z,2018-01-01T00:00:00Z,2018-01-02T00:00:00Z,,\n\
        2018-01-05,2018-01-05T00:00:00Z,2018-01-06T00:00:00Z,,\n";
    let (calendar, errors) = ExchangeCalendar::read("24-5.csv", text.as_bytes()).unwrap();
    assert_eq!(calendar.sessions.len(), 1);
    let (start, end) = calendar.sessions[0].pause.unwrap();
    assert_eq!((start.to_string(), end.to_string()), ("2018-01-01T11:00:00Z".into(), "2018-01-01T12:00:00Z".into()));
    let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(errors.len(), 4);
    assert_eq!(errors[0], "24-5.csv:3: field `close`: is not after `open`; correct one of the two");
    assert_eq!(errors[1], "24-5.csv:4: field `open`: is empty; give a time in UTC");
    assert_eq!(errors[2], "24-5.csv:5: field `date`: 2018-01-01 is there twice; keep one of the two rows");
    assert!(errors[3].starts_with("24-5.csv:6: field `date`: `2018-01-05` is not a time"), "{}", errors[3]);
    let error = ExchangeCalendar::read("x.csv", &b"date,open\n"[..]).unwrap_err().to_string();
    assert!(error.contains("its first line must be"), "{error}");
}
