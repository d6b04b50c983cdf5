//! The engine against the reference evaluator: random programs, random streams, one meaning.

use std::sync::Arc;

use ringfence::check::check;
use ringfence::ir::Ir;
use ringfence::source::Source;
use ringfence::syntax::parse;

use crate::random::{self, Dice};

/// The next program of a seed that has no error, with its text.
fn accepted(dice: &mut Dice) -> (String, Arc<Ir>) {
    loop {
        let text = random::program(dice);
        let source = Source::new("random.fence", text.clone());
        if let Some(ir) = check(&source, &parse(&source)).ir {
            return (text, Arc::new(ir));
        }
    }
}

#[test]
fn most_random_programs_are_programs() {
    let mut dice = Dice::new(7);
    let mut accepted = 0;
    for _ in 0..200 {
        let source = Source::new("random.fence", random::program(&mut dice));
        let checked = check(&source, &parse(&source));
        accepted += u32::from(checked.ir.is_some());
    }
    assert!(accepted > 60, "{accepted} of 200");
}

#[test]
fn the_reference_takes_every_stream() {
    let mut dice = Dice::new(11);
    for _ in 0..20 {
        let (_, ir) = accepted(&mut dice);
        let mut reference = ringfence::reference::Reference::new(ir);
        let decided: usize = random::events(&mut dice, 60).iter().map(|event| reference.apply(event).len()).sum();
        assert!(decided > 0);
    }
}
