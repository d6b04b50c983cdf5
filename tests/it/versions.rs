//! Versions of programs compared: a program means what it means, and every slip in it is told.

use ringfence::check::check;
use ringfence::ir::Ir;
use ringfence::source::Source;
use ringfence::syntax::parse;
use ringfence::testing::mutate::mutants;
use ringfence::versions::{Fate, compare};

use crate::language::programs;
use crate::shipped::{checked, shipped};

#[test]
fn every_program_of_the_library_means_what_it_means() {
    let mut kept = 0;
    for path in shipped() {
        // Two readings of one text: nothing is compared with itself.
        let (one, other) = (checked(&path).1.ir.unwrap(), checked(&path).1.ir.unwrap());
        let comparison = compare(&one, &other);
        assert!(comparison.is_same(), "{}: {comparison:#?}", path.display());
        kept += comparison.rules.iter().filter(|rule| rule.keeps && rule.fate == Fate::Kept).count();
    }
    assert!(kept > 500, "{kept}");
}

fn ir(text: String) -> Option<Ir> {
    let source = Source::new("p.fence", text);
    check(&source, &parse(&source)).ir
}

#[test]
fn every_slip_is_a_change_of_meaning() {
    let (mut tried, mut silent) = (0, Vec::new());
    for path in programs("tests/language") {
        let text = std::fs::read_to_string(&path).unwrap();
        let Some(before) = ir(text.clone()) else { continue };
        for slip in mutants(&text).into_iter().step_by(3) {
            let mut changed = text.clone();
            changed.replace_range(slip.place.clone(), &slip.text);
            let Some(after) = ir(changed) else { continue };
            tried += 1;
            if compare(&before, &after).is_same() {
                let line = text[..slip.place.start].lines().count();
                silent.push(format!("{} line {line}: {} -> {}", path.file_name().unwrap().to_string_lossy(), &text[slip.place], slip.text));
            }
        }
    }
    assert!(tried > 300, "{tried}");
    assert!(silent.is_empty(), "of {tried} slips these are not told:\n{}", silent.join("\n"));
}
