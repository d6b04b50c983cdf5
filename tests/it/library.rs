//! The library inside the tool: listed as it is in `rules/`, and copied so that it runs where it lands.

use std::path::Path;
use std::process::{Command, Output};

use crate::shipped::{root, shipped};

fn ringfence(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ringfence")).args(arguments).current_dir(folder).output().unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn every_program_of_a_firm_is_listed() {
    let listed = told(&ringfence(&["rules", "--json"], root()));
    let rules = root().join("rules");
    for path in shipped() {
        let name = path.strip_prefix(&rules).unwrap().with_extension("").to_string_lossy().into_owned();
        let is_program = std::fs::read_to_string(&path).unwrap().contains("\nprogram ") && !name.starts_with("common");
        assert_eq!(listed.contains(&format!("\"name\":\"{name}\"")), is_program, "{name}");
    }
}

#[test]
fn a_copy_passes_where_it_lands_and_overwrites_nothing() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("library");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let copy = ["new", "--from", "topstep/trading-combine", "--to", "mine"];
    assert!(ringfence(&copy, &folder).status.success());
    let tested = told(&ringfence(&["test", "mine"], &folder));
    assert!(tested.trim_end().ends_with(", 0 failed") && !tested.contains("\n0 passed"), "{tested}");
    assert!(ringfence(&copy, &folder).status.success(), "the same again writes nothing");
    let floors = folder.join("mine/common/floors.fence");
    std::fs::write(&floors, "// mine").unwrap();
    let refused = ringfence(&copy, &folder);
    assert_eq!(refused.status.code(), Some(2));
    assert!(told(&refused).contains("differs"), "{}", told(&refused));
    assert_eq!(std::fs::read_to_string(&floors).unwrap(), "// mine");
}

/// What a newcomer begins with: it checks without a finding, its scenarios hold, and it is laid out as `fmt` lays it out.
#[test]
fn a_program_to_begin_with_passes_and_overwrites_nothing() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("begin");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let begun = told(&ringfence(&["new", "mine.fence"], &folder));
    assert_eq!(begun, "wrote mine.fence\nnext: read it, then `ringfence check mine.fence` and `ringfence test mine.fence`\n");
    assert_eq!(told(&ringfence(&["check", "mine.fence"], &folder)), "1 checked, 0 errors, 0 warnings\n");
    assert_eq!(told(&ringfence(&["test", "mine.fence"], &folder)), "4 passed, 0 failed\n");
    assert!(ringfence(&["fmt", "--check", "mine.fence"], &folder).status.success());
    let text = std::fs::read_to_string(folder.join("mine.fence")).unwrap();
    for shown in ["limit \"", "floor ", "goal \"", "payout {", "scenario \"", "ringfence test mine.fence"] {
        assert!(text.contains(shown), "{shown}");
    }
    std::fs::write(folder.join("mine.fence"), "// mine").unwrap();
    let refused = ringfence(&["new", "mine.fence"], &folder);
    assert_eq!((refused.status.code(), told(&refused).contains("mine.fence is there and differs")), (Some(2), true));
    assert!(ringfence(&["new"], &folder).status.success() && folder.join("program.fence").exists());
    assert!(told(&ringfence(&["new", "mine"], &folder)).contains("`ringfence new mine.fence`"));
    assert!(told(&ringfence(&["new", "."], &folder)).contains("is a folder"));
}

#[test]
fn a_name_that_nothing_has_is_told_with_those_near_it() {
    let found = ringfence(&["new", "--from", "ftmo/two-stp"], root());
    assert_eq!(found.status.code(), Some(2));
    assert!(told(&found).contains("did you mean `ftmo/two-step`?"), "{}", told(&found));
}
