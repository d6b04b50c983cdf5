//! Actions on their way: in order, again until they are answered, back as events, and rebuilt after a restart.

use std::sync::Arc;

use std::sync::mpsc::channel;
use std::time::Duration;

use super::{ACTION_NOT_DONE, Answer, Delivery, Hook, JsonLines, Outbox, Pace, Record, RunCommand, Task, Workers, deliver};
use crate::event::{AckStatus, Event, Kind};
use crate::outcome::{Action, ActionKind, Cause, Key, Outcome, Recomputed, Why, Withdrawn};
use crate::value::Instant;

const SECOND: i64 = 1_000_000_000;

fn at(second: i64) -> Instant {
    Instant::from_nanos(1_772_000_000 * SECOND + second * SECOND)
}

fn pace() -> Pace {
    Pace { first: 10 * SECOND, longest: 40 * SECOND, expires: 1_000 * SECOND, escalates: None }
}

fn key(account: &str, ordinal: u32) -> Key {
    Key {
        account: account.into(),
        cause: Cause::Event("e/1".into()),
        phase: Some("funded".into()),
        rule: "5% loss".into(),
        instance: 0,
        ordinal,
    }
}

fn outcome(account: &str, actions: &[(u32, ActionKind)]) -> Outcome {
    let action = |(ordinal, kind): &(u32, ActionKind)| Action {
        key: key(account, *ordinal),
        attempt: 1,
        late: false,
        kind: kind.clone(),
        at: at(0),
        rule: "5% loss".into(),
        cites: None,
        line: 1,
        evidence: Why::default(),
    };
    Outcome {
        account: account.into(),
        cause: Cause::Event("e/1".into()),
        at: at(0),
        verdict: None,
        actions: actions.iter().map(action).collect(),
        changes: Vec::new(),
        faults: Vec::new(),
        recomputed: None,
    }
}

/// A task of an account on its way.
pub(super) fn delivery(account: &str) -> Delivery {
    let mut outbox = Outbox::new(pace());
    outbox.take(&[two(account)], at(0));
    outbox.due(at(0)).remove(0)
}

fn two(account: &str) -> Outcome {
    outcome(account, &[(0, ActionKind::CancelOrders), (1, ActionKind::Fail)])
}

fn words(deliveries: &[Delivery]) -> Vec<String> {
    deliveries.iter().map(|delivery| format!("{} {} {}", delivery.account, delivery.words(), delivery.attempt)).collect()
}

fn status(event: Option<&Event>) -> Option<AckStatus> {
    match &event?.kind {
        Kind::Ack(ack) => Some(ack.status),
        _ => None,
    }
}

#[test]
fn a_key_in_words_can_be_told_from_every_other() {
    assert_eq!(key("A/1", 2).to_string(), "A%2F1/event:e%2F1/funded/5%25 loss/0/2");
    let due = Key { cause: Cause::Due(at(0)), phase: None, ..key("A", 0) };
    assert_eq!(due.to_string(), format!("A/due:{}//5%25 loss/0/0", at(0)));
}

#[test]
fn an_account_gets_one_task_after_the_other_and_holds_up_nobody() {
    let mut outbox = Outbox::new(pace());
    outbox.take(&[two("A"), two("B")], at(0));
    let first = outbox.due(at(0));
    assert_eq!(words(&first), ["A cancel orders 1", "B cancel orders 1"]);
    // B answers, A never does.
    assert_eq!(status(outbox.answer(&first[1], &Answer::Done, at(1)).as_ref()), Some(AckStatus::Done));
    let second = outbox.due(at(1));
    assert_eq!(words(&second), ["B fail 1"]);
    assert!(outbox.answer(&second[0], &Answer::Done, at(1)).is_some());
    assert_eq!(outbox.next_due(), Some(at(10)));
}

#[test]
fn what_is_not_answered_goes_out_again_under_the_same_key_ever_more_rarely() {
    let mut outbox = Outbox::new(pace());
    outbox.take(&[two("A")], at(0));
    let mut sent = Vec::new();
    for second in 0..150 {
        for delivery in outbox.due(at(second)) {
            assert_eq!((delivery.key.as_str(), delivery.attempt), ("A/event:e%2F1/funded/5%25 loss/0/0", 1));
            sent.push(second);
        }
    }
    // Waited for 10, 20, 40 seconds, and 40 from then on.
    assert_eq!(sent, [0, 10, 30, 70, 110]);
}

#[test]
fn what_failed_or_was_done_in_part_is_the_next_attempt() {
    let mut outbox = Outbox::new(pace());
    outbox.take(&[two("A")], at(0));
    let first = outbox.due(at(0)).remove(0);
    let failed = outbox.answer(&first, &Answer::Failed("no liquidity".into()), at(1));
    assert_eq!(status(failed.as_ref()), Some(AckStatus::Failed));
    let second = outbox.due(at(21)).remove(0);
    assert_eq!((second.attempt, second.remaining), (2, None));
    outbox.answer(&second, &Answer::Partial { remaining: 3.into() }, at(22));
    let third = outbox.due(at(22)).remove(0);
    assert_eq!((third.attempt, third.remaining, &third.key), (3, Some(3.into()), &first.key));
    // More is left than was asked for, an attempt of before, a key of nobody: these are no answers.
    assert_eq!(outbox.answer(&third, &Answer::Partial { remaining: 4.into() }, at(23)), None);
    assert_eq!(outbox.answer(&first, &Answer::Done, at(23)), None);
    assert_eq!(outbox.answer(&Delivery { key: "A/other".into(), ..third.clone() }, &Answer::Done, at(23)), None);
    assert_eq!(status(outbox.answer(&third, &Answer::Done, at(24)).as_ref()), Some(AckStatus::Done));
    assert_eq!(words(&outbox.due(at(24))), ["A fail 1"]);
}

#[test]
fn what_is_refused_for_good_or_not_done_in_time_is_given_up_and_told() {
    let mut outbox = Outbox::new(pace());
    outbox.take(&[two("A")], at(0));
    let first = outbox.due(at(0)).remove(0);
    let told = outbox.answer(&first, &Answer::Impossible("no such account".into()), at(1)).unwrap();
    assert!(told.id.ends_with("-failed-for-good") && told.id.len() <= crate::event::MAX_ID_BYTES, "{}", told.id);
    assert_eq!(words(&outbox.due(at(1))), ["A fail 1"]);
    assert_eq!(outbox.expire(at(999)), []);
    let given_up = outbox.expire(at(1_000));
    assert_eq!((given_up.len(), status(given_up.first())), (1, Some(AckStatus::Failed)));
    assert!(outbox.is_empty());
}

#[test]
fn what_is_under_way_is_not_sent_again_soon() {
    let mut outbox = Outbox::new(pace());
    outbox.take(&[two("A")], at(0));
    let first = outbox.due(at(0)).remove(0);
    outbox.answer(&first, &Answer::Accepted, at(1));
    assert_eq!(outbox.due(at(40)), []);
    assert_eq!(words(&outbox.due(at(41))), ["A cancel orders 1"]);
    assert_eq!(status(outbox.answer(&first, &Answer::Done, at(42)).as_ref()), Some(AckStatus::Done));
}

fn withdrawing(account: &str, ordinal: u32) -> Outcome {
    let gone =
        Withdrawn { key: key(account, ordinal), attempt: 1, kind: ActionKind::Fail, reason: "event `x` corrects event `e/1`".into() };
    Outcome { recomputed: Some(Box::new(Recomputed { withdrawn: vec![gone], ..Recomputed::default() })), ..outcome(account, &[]) }
}

#[test]
fn a_withdrawal_takes_away_what_never_went_out_and_follows_what_did() {
    let mut outbox = Outbox::new(pace());
    outbox.take(&[two("A")], at(0));
    let first = outbox.due(at(0)).remove(0);
    outbox.take(&[withdrawing("A", 1)], at(1));
    outbox.answer(&first, &Answer::Done, at(2));
    assert!(outbox.is_empty(), "`fail` never went out");
    outbox.take(&[two("B")], at(3));
    outbox.due(at(3));
    let under_way = outbox.due(at(13)).remove(0);
    outbox.take(&[withdrawing("B", 0)], at(14));
    // It was under way, and is done all the same: that is told, and changes nothing of what is still to be done.
    let done = outbox.answer(&under_way, &Answer::Done, at(14));
    assert_eq!(status(done.as_ref()), Some(AckStatus::Done));
    assert_eq!(outbox.answer(&Delivery { attempt: 2, ..under_way }, &Answer::Done, at(14)), None);
    // What went out and was not answered is not sent again; that it should not have been follows behind the rest.
    let fail = outbox.due(at(14)).remove(0);
    assert_eq!(words(std::slice::from_ref(&fail)), ["B fail 1"]);
    outbox.answer(&fail, &Answer::Done, at(15));
    let gone = outbox.due(at(15)).remove(0);
    assert!(matches!(&gone.task, Task::Withdraw(gone) if gone.key == key("B", 0)));
    assert_eq!(gone.key, format!("{}/withdrawn", key("B", 0)));
}

#[test]
fn a_hook_that_panics_or_cannot_write_has_not_delivered() {
    let mut outbox = Outbox::new(pace());
    outbox.take(&[two("A"), two("B")], at(0));
    let due = outbox.due(at(0));
    let mut panics = |delivery: &Delivery| if &*delivery.account == "A" { panic!("a hook gone wrong") } else { Answer::Done };
    let answers: Vec<Answer> = due.iter().map(|delivery| deliver(&mut panics, delivery)).collect();
    assert_eq!(answers, [Answer::Silence, Answer::Done]);
    let mut full = JsonLines(std::fs::File::open("Cargo.toml").unwrap());
    assert!(matches!(deliver(&mut full, &due[0]), Answer::Failed(_)));
    let mut written = JsonLines(Vec::new());
    assert_eq!(deliver(&mut written, &due[0]), Answer::Done);
    let line: serde_json::Value = serde_json::from_slice(&written.0).unwrap();
    assert_eq!(
        (&line["key"], &line["attempt"], &line["task"]["act"]["kind"]["name"]),
        (&due[0].key.as_str().into(), &1.into(), &"cancel_orders".into())
    );
}

/// Whatever is answered, an outbox that is rebuilt from the outcomes and the events of its answers delivers what the
/// other would have.
#[test]
fn after_a_restart_nothing_is_lost_and_nothing_has_another_key() {
    let answers = [
        Answer::Silence,
        Answer::Accepted,
        Answer::Done,
        Answer::Partial { remaining: 1.into() },
        Answer::Failed("later".into()),
        Answer::Impossible("never".into()),
    ];
    for seed in 0_usize..216 {
        let mut outbox = Outbox::new(pace());
        let decided = [two("A"), two("B")];
        outbox.take(&decided, at(0));
        let mut recorded = Vec::new();
        for (turn, second) in [0, 100, 200].into_iter().enumerate() {
            let now = at(second);
            for delivery in outbox.due(now) {
                let answer = &answers[(seed / 6_usize.pow(u32::try_from(turn).unwrap())) % 6];
                recorded.extend(outbox.answer(&delivery, answer, now));
            }
        }
        let mut rebuilt = Outbox::new(pace());
        rebuilt.recorded(None, &decided);
        for event in &recorded {
            rebuilt.recorded(Some(event), &[]);
        }
        let later = at(10_000);
        let wanted: Vec<(Arc<str>, String, u32)> = outbox.due(later).into_iter().map(|due| (due.account, due.key, due.attempt)).collect();
        let found: Vec<(Arc<str>, String, u32)> = rebuilt.due(later).into_iter().map(|due| (due.account, due.key, due.attempt)).collect();
        assert_eq!(found, wanted, "seed {seed}");
    }
}

#[test]
fn a_hook_that_hangs_holds_up_its_own_account_alone() {
    let accounts: Vec<Outcome> = ["A", "B", "C", "D", "E"].iter().map(|account| two(account)).collect();
    let mut outbox = Outbox::new(pace());
    outbox.take(&accounts, at(0));
    let (release, hangs) = channel::<()>();
    let hangs = Arc::new(std::sync::Mutex::new(hangs));
    let mut workers = Workers::new(2, move || {
        let hangs = Arc::clone(&hangs);
        move |delivery: &Delivery| {
            if &*delivery.account == "A" {
                let _ = hangs.lock().unwrap().recv();
            }
            Answer::Done
        }
    });
    let (mut done, mut now) = (Vec::new(), 0);
    while done.len() < 8 {
        for delivery in outbox.due(at(now)) {
            workers.send(delivery);
        }
        for (delivery, answer) in workers.wait(Duration::from_millis(20)) {
            done.extend(outbox.answer(&delivery, &answer, at(now)).map(|_| format!("{} {}", delivery.account, delivery.words())));
        }
        now += 10;
        assert!(now < 20_000, "{done:?}");
    }
    for account in ["B", "C", "D", "E"] {
        let place = |words: &str| done.iter().position(|line| *line == format!("{account} {words}"));
        assert!(place("cancel orders").is_some() && place("cancel orders") < place("fail"), "{done:?}");
    }
    // A hangs over its first task, which is with one thread however often it was due.
    assert_eq!(workers.busy(), 1);
    release.send(()).unwrap();
    assert_eq!(workers.wait(Duration::from_secs(20)).len(), 1);
}

#[test]
fn the_exit_code_of_a_command_is_its_answer() {
    let delivery = delivery("A");
    let shell = |script: &str, at_most: u64| {
        let mut hook =
            RunCommand { program: "sh".into(), arguments: vec!["-c".into(), script.into()], at_most: Duration::from_millis(at_most) };
        hook.deliver(&delivery)
    };
    assert_eq!(shell("grep -q cancel_orders", 20_000), Answer::Done);
    assert!(matches!(shell("exit 75", 20_000), Answer::Failed(_)));
    assert!(matches!(shell("exit 3", 20_000), Answer::Impossible(_)));
    assert_eq!(shell("sleep 600", 50), Answer::Silence);
    let mut nowhere = RunCommand { program: "/nowhere/at/all".into(), arguments: Vec::new(), at_most: Duration::from_secs(1) };
    assert!(matches!(nowhere.deliver(&delivery), Answer::Failed(_)));
}

/// What went out and was withdrawn before anybody answered: the journal does not say that it went out.
#[test]
fn after_a_restart_a_withdrawal_still_follows_what_may_have_gone_out() {
    let mut rebuilt = Outbox::new(pace());
    rebuilt.recorded(None, &[two("A")]);
    rebuilt.recorded(None, &[withdrawing("A", 0)]);
    let fail = rebuilt.due(at(1)).remove(0);
    assert_eq!(words(std::slice::from_ref(&fail)), ["A fail 1"]);
    let done = rebuilt.answer(&fail, &Answer::Done, at(1)).unwrap();
    assert!(matches!(&rebuilt.due(at(1))[0].task, Task::Withdraw(gone) if gone.key == key("A", 0)));

    // An action that never went out and was withdrawn is followed by none; what is answered later says so.
    let mut outbox = Outbox::new(pace());
    let decided = [outcome("A", &[(0, ActionKind::CancelOrders)]), outcome("A", &[(1, ActionKind::Fail)])];
    outbox.take(&decided[..1], at(0));
    outbox.take(&[withdrawing("A", 0)], at(0));
    outbox.take(&decided[1..], at(0));
    let fail = outbox.due(at(1)).remove(0);
    assert_eq!(outbox.answer(&fail, &Answer::Done, at(1)).as_ref(), Some(&done));
    assert!(outbox.is_empty());
    let mut rebuilt = Outbox::new(pace());
    for outcomes in [&decided[..1], &[withdrawing("A", 0)], &decided[1..]] {
        rebuilt.recorded(None, outcomes);
    }
    rebuilt.recorded(Some(&done), &[]);
    assert!(rebuilt.is_empty());
}

/// The names of the fields of an event of the host's own, with what they say.
fn told(events: &[Event]) -> Vec<String> {
    let one = |event: &Event| {
        let Kind::Host(host) = &event.kind else { panic!("{event:?}") };
        assert_eq!(host.name, ACTION_NOT_DONE);
        let field = |name: &str| host.fields.get(name).and_then(|value| value.text()).unwrap_or("-").to_owned();
        format!("{} {} {} {}", field("action"), field("attempt"), field("why"), field("said"))
    };
    events.iter().map(one).collect()
}

#[test]
fn what_nobody_answers_in_time_is_told_to_the_program_once() {
    let pace = Pace { escalates: Some(60 * SECOND), ..pace() };
    let mut outbox = Outbox::new(pace);
    outbox.take(&[two("A"), two("B")], at(0));
    let first = outbox.due(at(0));
    outbox.answer(&first[1], &Answer::Done, at(1));
    let second = outbox.due(at(1)).remove(0);
    outbox.answer(&second, &Answer::Accepted, at(2));
    assert_eq!(outbox.escalations(at(59)), []);
    outbox.answer(&first[0], &Answer::Failed("no liquidity".into()), at(59));
    // B's are done and under way. A's second waits behind the first: nobody has answered that either.
    let late = outbox.escalations(at(60));
    assert_eq!(told(&late), ["cancel orders 2 late -", "fail 1 late -"]);
    assert!(late.iter().all(|event| event.account.as_deref() == Some("A") && event.id.len() <= crate::event::MAX_ID_BYTES));
    assert_eq!(outbox.escalations(at(61)), []);
    // It goes out all the same; what is refused for good, or given up, is told too.
    let again = outbox.due(at(999)).remove(0);
    assert_eq!((again.attempt, again.sent_at), (2, at(999)));
    outbox.answer(&again, &Answer::Impossible("no such account".into()), at(999));
    assert_eq!(told(&outbox.escalations(at(999))), ["cancel orders 2 refused no such account"]);
    assert_eq!(outbox.expire(at(1_000)).len(), 2);
    assert_eq!(told(&outbox.escalations(at(1_000))), ["fail 1 given up -", "fail 1 given up -"]);
    assert!(outbox.is_empty() && outbox.next_due().is_none());
}

#[test]
fn after_a_restart_what_programs_were_told_is_not_told_again_and_what_they_were_not_is() {
    let pace = Pace { escalates: Some(60 * SECOND), ..pace() };
    let mut outbox = Outbox::new(pace);
    outbox.take(&[two("A")], at(0));
    let first = outbox.due(at(0)).remove(0);
    let late = outbox.escalations(at(60));
    let refused = outbox.answer(&first, &Answer::Impossible("never".into()), at(61)).unwrap();
    let mut rebuilt = Outbox::new(pace);
    rebuilt.recorded(None, &[two("A")]);
    // Of what was told late one event is recorded, the other was lost with the process.
    for event in [&late[0], &refused] {
        rebuilt.recorded(Some(event), &[]);
    }
    assert_eq!(told(&rebuilt.escalations(at(62))), ["fail 1 late -", "cancel orders 1 refused never"]);
    for event in [&late[0], &refused].into_iter().chain(&outbox.escalations(at(62))) {
        rebuilt.recorded(Some(event), &[]);
    }
    assert_eq!(rebuilt.escalations(at(63)), []);
}

/// A program that locks the account when a `flatten` is not answered, and does not chase its own messages.
#[test]
fn a_program_says_what_follows_when_an_action_is_not_done() {
    let text = "program \"P\" {\n version \"1\"\n currency USD\n timezone \"UTC\"\n day 00:00\n event action_not_done { action: text, why: text, attempt: count }\n plans\n | plan | size |\n | S | $10,000 |\n phase only {\n ledger starts at size\n limit \"Loss\" {\n equity stays above $9,000\n on breach { flatten }\n }\n on action_not_done where action_not_done.action is \"flatten\" { lock until staff, notify ops \"flatten is {action_not_done.why}\" }\n }\n}\n";
    let mut engine = crate::engine::Engine::new();
    engine.load(crate::compile(&crate::source::Source::new("p.fence", text)).unwrap());
    let opening = r#"{"id":"o","account":"A","at":"2026-02-25T06:00:00Z","kind":"open","program":"P","version":"1","plan":"S","currency":"USD","start_balance":"10000","position_mode":"netting","trader":"T","purchased_at":"2026-02-24T12:00:00Z","swap":"in_position"}"#;
    engine.apply(&serde_json::from_str(opening).unwrap());
    let loss = format!(r#"{{"id":"s","account":"A","at":"{}","kind":"snapshot","balance":"9000","equity":"9000"}}"#, at(0));
    let mut outbox = Outbox::new(Pace { escalates: Some(60 * SECOND), ..pace() });
    outbox.take(engine.apply(&serde_json::from_str(&loss).unwrap()), at(0));
    assert_eq!(words(&outbox.due(at(0))), ["A flatten 1"]);
    let late = outbox.escalations(at(60));
    assert_eq!(told(&late), ["flatten 1 late -"]);
    let outcomes = engine.apply(&late[0]).to_vec();
    assert!(outcomes.iter().all(|outcome| outcome.faults.is_empty()), "{outcomes:?}");
    let asked: Vec<&str> = outcomes.iter().flat_map(|outcome| &outcome.actions).map(|action| action.kind.words()).collect();
    assert_eq!(asked, ["lock", "notify"]);
    // These wait behind the `flatten`; that nobody answers them either leads to no further event.
    outbox.take(&outcomes, at(60));
    assert_eq!(outbox.escalations(at(500)), []);
    assert!(engine.apply(&Event { at: at(61), ..late[0].clone() }).iter().all(|outcome| outcome.actions.is_empty()), "its id is known");
}

#[test]
fn a_thread_whose_hook_hangs_is_replaced_and_told() {
    let mut outbox = Outbox::new(pace());
    outbox.take(&[two("A"), two("B")], at(0));
    let (release, hangs) = channel::<()>();
    let hangs = Arc::new(std::sync::Mutex::new(hangs));
    let (entered, called) = channel();
    let mut workers = Workers::new(1, move || {
        let (hangs, entered) = (Arc::clone(&hangs), entered.clone());
        move |delivery: &Delivery| {
            entered.send(delivery.account.clone()).unwrap();
            if &*delivery.account == "A" {
                let _ = hangs.lock().unwrap().recv();
            }
            Answer::Done
        }
    });
    let due = outbox.due(at(0));
    assert!(workers.send(due[0].clone()));
    assert_eq!(called.recv().as_deref(), Ok("A"));
    assert!(workers.send(due[1].clone()), "one waits for the thread");
    assert_eq!(workers.wait(Duration::from_millis(20)), []);
    assert_eq!(workers.replace_hung(at(9), 10 * SECOND), [] as [String; 0]);
    assert_eq!(workers.replace_hung(at(10), 10 * SECOND), [due[0].key.as_str()]);
    assert_eq!(workers.wait(Duration::from_secs(20)), [(due[1].clone(), Answer::Done)]);
    assert_eq!(workers.replace_hung(at(30), 10 * SECOND), [] as [String; 0], "it is told once");
    release.send(()).unwrap();
    assert_eq!(workers.wait(Duration::from_secs(20)), [(due[0].clone(), Answer::Done)]);
    assert_eq!(workers.busy(), 0);
}

#[test]
fn what_is_delivered_is_written_down_with_its_answer() {
    let mut written = Vec::new();
    let hook = |_: &Delivery| Answer::Partial { remaining: 2.into() };
    assert_eq!(Record { hook, lines: &mut written }.deliver(&delivery("A")), Answer::Partial { remaining: 2.into() });
    let mut panics = |_: &Delivery| -> Answer { panic!("a hook gone wrong") };
    assert_eq!(Record { hook: &mut panics, lines: &mut written }.deliver(&delivery("A")), Answer::Silence);
    let lines: Vec<serde_json::Value> = written.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!((&lines[0]["answer"]["partial"]["remaining"], &lines[1]["answer"]), (&"2".into(), &"silence".into()));
    assert_eq!(lines[0]["key"].as_str(), Some(delivery("A").key.as_str()));
    // A line that cannot be written changes nothing.
    let lines = std::fs::File::open("Cargo.toml").unwrap();
    assert_eq!(Record { hook: |_: &Delivery| Answer::Done, lines }.deliver(&delivery("A")), Answer::Done);
}
