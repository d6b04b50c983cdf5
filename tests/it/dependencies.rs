//! What the project depends on: licences that it may live with, one source, and nothing that is not kept up.

use std::process::Command;

use serde_json::Value;

use crate::shipped::root;

/// The list behind a word of `deny.toml`, which cargo-deny reads too.
fn listed(word: &str) -> Vec<&'static str> {
    const LISTS: &str = include_str!("../../deny.toml");
    let behind = LISTS.split_once(&format!("\n{word} = [\n")).unwrap().1;
    behind.lines().take_while(|line| *line != "]").map(|line| line.trim().trim_end_matches(',').trim_matches('"')).collect()
}

fn packages() -> Vec<Value> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let output = Command::new(cargo).args(["metadata", "--format-version", "1", "--locked"]).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

/// Whether a licence, as a manifest writes it, can be taken as ones that are allowed.
fn is_allowed(licence: &str) -> bool {
    let allowed = listed("allow");
    licence.split(" AND ").all(|part| {
        let part = part.trim_matches(['(', ')', ' ']);
        part.split(" OR ")
            .flat_map(|choice| choice.split(" or "))
            .flat_map(|choice| choice.split('/'))
            .any(|choice| allowed.contains(&choice.trim()))
    })
}

#[test]
fn every_dependency_may_be_used_and_comes_from_one_place() {
    let (packages, banned) = (packages(), listed("deny"));
    assert!(packages.len() > 100, "{}", packages.len());
    for package in &packages {
        let name = package["name"].as_str().unwrap();
        let licence = package["license"].as_str().unwrap_or_default();
        assert!(is_allowed(licence), "{name}: `{licence}` is not on the list");
        let source = package["source"].as_str();
        assert!(
            source.is_none() && name == "ringfence" || source.is_some_and(|source| source.starts_with("registry+")),
            "{name}: {source:?}"
        );
        assert!(!banned.contains(&name), "{name} is not to be used");
    }
}

#[test]
fn a_licence_is_allowed_by_one_of_its_choices_and_all_of_its_parts() {
    for licence in ["MIT", "GPL-3.0 OR MIT", "Unlicense/GPL-2.0", "(MIT OR Apache-2.0) AND Unicode-3.0", "MIT or GPL-3.0"] {
        assert!(is_allowed(licence), "{licence}");
    }
    for licence in ["", "GPL-3.0", "MIT AND GPL-3.0", "LGPL-2.1-or-later", "Apache-2.0-with-something"] {
        assert!(!is_allowed(licence), "{licence}");
    }
}

/// What stands in the lock beyond what is built here, such as what another system needs.
#[test]
fn nothing_that_is_banned_is_locked() {
    let text = std::fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let banned = listed("deny");
    assert!(banned.len() > 5 && listed("allow").contains(&"MIT"), "{banned:?}");
    let found = banned.iter().find(|name| text.contains(&format!("name = \"{name}\"\n")));
    assert_eq!(found, None);
}
