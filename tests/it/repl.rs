//! The prompt over scripts: each transcript of `tests/repl` and the sessions of `docs/repl.md`, as the
//! binary shows them; and the table of commands on that page.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use ringfence::repl::{COMMANDS, OF_THE_SHELL};

use crate::shipped::root;

const PAGE: &str = "docs/repl.md";
const FOLDER: &str = "tests/repl";

/// Whether pages and transcripts are written, not compared.
fn writes() -> bool {
    std::env::var("WRITE_PAGES").is_ok()
}

/// What the command of a transcript's first line shows for its lines, with the exit code behind it.
fn shown(command: &str, script: &str) -> String {
    let arguments = words(command.strip_prefix("ringfence ").unwrap_or_else(|| panic!("{command}")));
    let mut child = Command::new(env!("CARGO_BIN_EXE_ringfence"))
        .args(arguments)
        .current_dir(root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    // The session may be over before its script is.
    let _ = input.write_all(script.as_bytes());
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert!(output.stderr.is_empty(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    format!("{}exit code {}\n", String::from_utf8(output.stdout).unwrap(), output.status.code().unwrap())
}

/// Words apart by blanks; those in quotes as one.
fn words(text: &str) -> Vec<String> {
    let parts = text.split('"').enumerate();
    let each =
        parts.flat_map(|(at, part)| if at % 2 == 1 { vec![part.to_owned()] } else { part.split_whitespace().map(str::to_owned).collect() });
    each.collect()
}

fn scripts() -> Vec<std::path::PathBuf> {
    let mut found: Vec<_> = fs::read_dir(root().join(FOLDER)).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.retain(|path| path.extension().is_some_and(|extension| extension == "in"));
    found.sort();
    found
}

#[test]
fn each_transcript_is_as_it_was_read() {
    let mut wrong = Vec::new();
    for path in scripts() {
        let script = fs::read_to_string(&path).unwrap();
        let command = script.lines().next().and_then(|line| line.strip_prefix("// ")).unwrap_or_else(|| panic!("{}", path.display()));
        let found = shown(command, &script);
        let kept = path.with_extension("out");
        if writes() {
            fs::write(&kept, &found).unwrap();
        } else if fs::read_to_string(&kept).unwrap_or_default() != found {
            wrong.push(format!("{}:\n{found}", kept.display()));
        }
    }
    assert!(wrong.is_empty(), "run `WRITE_PAGES=1 cargo test repl` and read what changed\n{}", wrong.join("\n"));
}

#[test]
fn each_command_stands_in_a_transcript() {
    let all: String = scripts().iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    for row in COMMANDS {
        let typed = all.lines().any(|line| line == row.name || line.starts_with(&format!("{} ", row.name)));
        assert!(typed, "no transcript has `{}`", row.name);
    }
}

#[test]
fn errors_are_told_by_the_exit_code_and_end_nothing() {
    assert!(shown("ringfence repl", "nonsense at all\nbalance\n").ends_with("$100,000.00  (money in USD)\nexit code 1\n"));
    assert!(shown("ringfence repl", "balance\n").ends_with("exit code 0\n"));
}

/// A subcommand that comes anew gets a hint at the prompt, or is a command there.
#[test]
fn each_command_of_the_shell_is_known_at_the_prompt() {
    let output = Command::new(env!("CARGO_BIN_EXE_ringfence")).arg("--help").output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    let list = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names: Vec<&str> =
        list.lines().filter_map(|line| line.strip_prefix("  ").filter(|rest| !rest.starts_with(' '))?.split_whitespace().next()).collect();
    assert!(names.contains(&"check") && names.contains(&"dump"), "{help}");
    for name in names.iter().filter(|name| **name != "help") {
        let known = OF_THE_SHELL.iter().any(|(word, _)| word == name) || COMMANDS.iter().any(|row| row.name == *name);
        assert!(known, "`{name}` typed at the prompt gets no hint");
    }
}

/// The table of commands, as the page shows it.
fn table() -> String {
    let mut table = String::from("| command | what it does | such as |\n| --- | --- | --- |\n");
    for row in COMMANDS {
        let cell = |text: &str| text.replace('|', "\\|");
        let _ = writeln!(table, "| `{}` | {} | `{}` |", cell(&row.form()), cell(row.help), cell(row.example));
    }
    table
}

/// The page with its table and its sessions written anew.
fn rewritten(page: &str) -> String {
    let mut written = String::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let _ = writeln!(written, "{line}");
        if line == "<!-- table: commands -->" {
            written.push_str(&table());
            let end = lines.by_ref().find(|line| *line == "<!-- end -->").unwrap();
            let _ = writeln!(written, "{end}");
        } else if line == "```text" {
            let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            written.push_str(&session(&body));
            written.push_str("```\n");
        }
    }
    written
}

/// A block whose first line is `$ ringfence repl …`: the same lines typed again.
fn session(body: &[&str]) -> String {
    let command = body.first().and_then(|line| line.strip_prefix("$ ")).unwrap_or_else(|| panic!("{body:?}"));
    let mut script = String::new();
    for line in &body[1..] {
        let typed =
            line.strip_prefix("| ").or_else(|| line.split_once("> ").filter(|(name, _)| !name.contains(' ')).map(|(_, typed)| typed));
        script.extend(typed.map(|typed| format!("{typed}\n")));
    }
    let found = shown(command, &script);
    let found = found.rsplit_once("exit code ").map_or("", |(found, _)| found);
    format!("$ {command}\n{found}")
}

#[test]
fn the_page_shows_what_the_prompt_does() {
    let path = root().join(PAGE);
    let page = fs::read_to_string(&path).unwrap();
    let written = rewritten(&page);
    if writes() {
        fs::write(&path, &written).unwrap();
    }
    assert!(written == page || writes(), "run `WRITE_PAGES=1 cargo test repl` and read what changed");
}
