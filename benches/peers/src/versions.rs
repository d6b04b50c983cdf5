//! Which version of each contestant was measured: from the lock file that it was built with.

use crate::contest::Row;

const LOCK: &str = include_str!("../Cargo.lock");

/// The version of a contestant's package, with what it is built into where that has one of its own.
pub(crate) fn of(row: &Row) -> String {
    if row.package == env!("CARGO_PKG_NAME") {
        return "–".to_owned();
    }
    let inner = match row.name {
        "luajit" => Some("luajit-src"),
        "lua54" => Some("lua-src"),
        "quickjs" => Some("rquickjs-sys"),
        _ => None,
    };
    let own = locked(row.package).unwrap_or("?").to_owned();
    inner.and_then(|name| Some(format!("{own} ({name} {})", locked(name)?))).unwrap_or(own)
}

fn locked(package: &str) -> Option<&'static str> {
    let entry = LOCK.split("[[package]]").find(|entry| quoted(entry, "name") == Some(package))?;
    quoted(entry, "version")
}

fn quoted<'a>(entry: &'a str, key: &str) -> Option<&'a str> {
    let value = entry.lines().find_map(|line| line.strip_prefix(key)?.trim_start().strip_prefix('='))?;
    value.trim().strip_prefix('"')?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_contestant_has_a_version() {
        for row in crate::contest::CONTESTANTS {
            assert_ne!(of(row), "?", "{}", row.name);
        }
    }
}
