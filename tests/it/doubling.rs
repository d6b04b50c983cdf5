//! Programs are text from people: none may make the tool work for ever.

use ringfence::source::Source;
use std::fmt::Write as _;

/// Each value reads the one before twice, so that written out the last would have 2⁶⁰ parts.
#[test]
fn a_value_that_is_read_twice_sixty_times_doubles_nothing() {
    let mut lets = String::from("        let a0 = equity\n");
    for number in 1..60 {
        let before = number - 1;
        let _ = writeln!(lets, "        let a{number} = 50% of a{before} + 50% of a{before}");
    }
    let text = format!(
        "program \"Doubling\" {{\n    firm \"Example\"  version \"1\"\n    currency USD\n    timezone \"UTC\"\n    day 00:00\n\n    plans\n        \
         | plan | size     |\n        | A    | $100,000 |\n\n    phase trading {{\n        ledger starts at size\n{lets}\n        limit \"Loss\" {{\n            \
         a59 stays above $90,000\n            refuse orders that would break it\n            on breach {{ fail }}\n        }}\n    }}\n}}\n"
    );
    let program = ringfence::compile(&Source::new("doubling.fence", text)).unwrap_or_else(|found| panic!("{found:#?}"));
    assert_eq!(program.ir.nodes.iter().filter(|node| node.name.starts_with('a')).count(), 60);
}
