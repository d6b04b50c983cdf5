use super::mutants;
use super::slips::{minute, stepped};
use super::trial::Trial;
use crate::source::Source;
use crate::syntax::{load, parse};

#[test]
fn slips_of_a_line() {
    let line = "limit \"At 5\" { equity stays above 95% of size } // not 5";
    let found: Vec<String> = mutants(line).into_iter().map(|slip| format!("{} -> {}", &line[slip.place], slip.text)).collect();
    let whole = "limit \"At 5\" { equity stays above 95% of size } -> ";
    let expected = [whole, "equity -> balance", "stays above -> stays at or above", "95 -> 94", "95 -> 96", "size -> balance"];
    assert_eq!(found, expected);
}

#[test]
fn figures_keep_their_form() {
    let money = [("1,000", -1), ("999", 1), ("9,999", 1), ("0", -1), ("0.50", 1)].map(|(text, by)| stepped(text, by, true).unwrap());
    assert_eq!(money, ["$999", "$1000", "$10,000", "-$1", "$0.51"]);
    assert_eq!(["15:59", "16:00", "24:00"].map(|time| minute(time, 1).unwrap()), ["16:00", "16:01", "24:01"]);
    assert_eq!((minute("16:00", -1), minute("16:59:30", 1)), (Some("15:59".to_owned()), Some("17:00:30".to_owned())));
}

#[test]
fn consequences_guards_and_caps_are_left_out() {
    let lines = "use floor(by = 5,\n  cap = max) { flatten, fail }\nrequire \"a\" b when c\n    scenario \"5\" { }";
    let found: Vec<String> = mutants(lines).into_iter().map(|slip| format!("{} -> {}", &lines[slip.place], slip.text)).collect();
    let expected = [
        "use floor(by = 5,\n  cap = max) { flatten, fail } -> ",
        "5 -> 4",
        "5 -> 6",
        ",\n  cap = max -> ",
        "max -> min",
        "flatten, -> ",
        ", fail -> ",
        "require \"a\" b when c -> ",
        "when c -> ",
    ];
    assert_eq!(found, expected);
}

#[test]
fn comments_and_scenarios_are_left_as_they_are() {
    let text = "limit \"a\" { /* at 5 */ equity stays above 7 } // 5\nscenario \"b\" plan A { 3 times { trade +$5 } }\nlimit \"c\" { 9 }\n";
    let found: Vec<String> = mutants(text).into_iter().map(|slip| text[slip.place].to_owned()).collect();
    assert!(found.iter().any(|slip| slip == "9") && found.iter().any(|slip| slip == "7"), "{found:?}");
    assert!(found.iter().all(|slip| !slip.contains('5') || slip.contains("equity")), "{found:?}");
}

#[test]
fn figures_that_no_program_holds_are_passed_over() {
    assert_eq!((stepped(&"9".repeat(60), 1, false), minute("9:", 1), minute("99999999999:00", 1)), (None, None, None));
}

/// What is read beside a known text is what is read of it alone, for every slip of a program and of a file that it imports.
#[test]
fn slips_are_read_beside_the_program_as_they_are_read_alone() {
    let main = include_str!("../../../rules/lucid-trading/flex.fence").replace("../common/", "");
    let common = [
        ("best-day.fence", include_str!("../../../rules/common/best-day.fence")),
        ("close.fence", include_str!("../../../rules/common/close.fence")),
        ("contracts.fence", include_str!("../../../rules/common/contracts.fence")),
        ("days.fence", include_str!("../../../rules/common/days.fence")),
        ("floors.fence", include_str!("../../../rules/common/floors.fence")),
        ("payouts.fence", include_str!("../../../rules/common/payouts.fence")),
    ];
    let file = |name: &str| common.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned());
    let source = load(Source::new("flex.fence", main), &mut |name: &str| file(name).ok_or_else(|| format!("no {name}")));
    let trial = Trial::new(&source, &parse(&source));
    let mut tried = 0;
    for slip in [0, 1].into_iter().flat_map(|file| trial.slips(file)) {
        let (beside, found) = trial.read(&slip);
        let alone = parse(&beside);
        assert_eq!((&found.program, &found.diagnostics), (&alone.program, &alone.diagnostics), "{slip:?}");
        tried += 1;
    }
    assert!(tried > 50, "{tried}");
}
