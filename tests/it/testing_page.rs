//! `docs/testing.md`: its commands are run in a folder with its program, and show what the page shows.

use std::fs;

use crate::commands::{folder, told};
use crate::manual::fences;
use crate::shipped::root;

const PAGE: &str = "docs/testing.md";

fn page() -> String {
    fs::read_to_string(root().join(PAGE)).unwrap()
}

/// The words of a command, texts in quotes as one.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (at, part) in command.split('"').enumerate() {
        if at % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

/// The commands in the tables of the page.
fn in_tables(page: &str) -> Vec<String> {
    let rows = page.lines().filter(|line| line.starts_with("| `ringfence "));
    rows.map(|row| row.split('`').nth(1).unwrap().to_owned()).collect()
}

#[test]
fn commands_of_the_page_run_and_show_what_it_shows() {
    let page = page();
    let blocks = fences(&page);
    let program = &blocks.iter().find(|(_, info, _)| *info == "fence account.fence").unwrap().2;
    let folder = folder("page", &[("account.fence", program)]);
    let run = |command: &str| {
        let words = words(command);
        assert_eq!(words[0], "ringfence", "{command}");
        let arguments: Vec<&str> = words[1..].iter().map(String::as_str).collect();
        let (code, out, error) = told(&folder, &arguments);
        // What no scenario would notice is something found.
        assert_eq!(code, i32::from(command.contains("--mutate")), "{command}\n{out}\n{error}");
        out
    };
    let mut commands = in_tables(&page);
    for command in &commands {
        run(command);
    }
    for (at, (line, info, text)) in blocks.iter().enumerate().filter(|(_, (_, info, _))| *info == "sh") {
        assert_eq!(*info, "sh");
        let out: String = text.lines().map(&run).collect();
        commands.extend(text.lines().map(str::to_owned));
        if let Some((_, "text", shown)) = blocks.get(at + 1) {
            assert_eq!(&out, shown, "{PAGE}:{line}");
        }
    }
    assert!(commands.len() >= 12, "{commands:?}");
    let accepted = &blocks.iter().find(|(_, _, text)| text.starts_with("// Nothing has been won")).unwrap().2;
    fs::write(folder.join("account.accepted"), accepted).unwrap();
    let (code, out, _) = told(&folder, &["test", "--mutate=15", "account.fence"]);
    assert_eq!((code, out.as_str()), (0, "5 changes, 4 noticed, 0 not, 1 accepted\n"));
    let generated = fs::read_to_string(folder.join("boundaries.txt")).unwrap();
    let shown = &blocks.iter().find(|(_, info, _)| *info == "fence generated").unwrap().2;
    assert!(generated.contains(shown.as_str()), "{generated}");
    assert!(fs::read_to_string(folder.join("results.xml")).unwrap().contains("touching the maximum loss fails"));
}

/// Every switch of the command has its place on the page.
#[test]
fn the_page_has_every_switch() {
    let (_, help, _) = told(root(), &["test", "--help"]);
    let switches = help.split_whitespace().filter(|word| word.starts_with("--") && !word.contains("help"));
    let page = page();
    for switch in switches {
        let name: String = switch.chars().take_while(|letter| letter.is_ascii_alphabetic() || *letter == '-').collect();
        assert!(page.contains(&name), "{PAGE} does not say {name}");
    }
}
