//! What programs share: templates, their uses, and the files that programs import.

use std::collections::BTreeSet;

use super::ast::{Action, Expr, Item, Name, TypeName};
use super::parse::parse;
use crate::source::{Source, Span};

/// The most files that a program imports, directly and through others.
pub const MAX_IMPORTS: usize = 64;

/// `template name(parameters) { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct TemplateDecl {
    /// Its name.
    pub name: Name,
    /// What a use of it gives.
    pub parameters: Vec<Parameter>,
    /// What a use of it declares.
    pub items: Vec<Item>,
    /// Its first line.
    pub head: Span,
}

/// A parameter of a template: `distance: money`, `title: text = "Daily Loss"`, `consequences: actions`.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: Name,
    /// The type of its values; the words `name` and `actions` stand for what is no value.
    pub ty: TypeName,
    /// What it is where a use does not say.
    pub default: Option<Expr>,
}

/// `use name(parameter = …)`, with the actions in braces behind it where the template takes some.
#[derive(Clone, Debug, PartialEq)]
pub struct Use {
    /// The template.
    pub template: Name,
    /// What it gives.
    pub arguments: Vec<(Name, Expr)>,
    /// The actions behind it.
    pub actions: Option<Vec<Action>>,
}

/// Reads what a program imports, directly and through others, each file once.
///
/// `read` returns the text of a file by its name, or why it cannot be read. A name is the path that is
/// imported, seen from the file that imports it: `import "../common/floors.fence"` in
/// `rules/topstep/combine.fence` is `rules/common/floors.fence`. What could not be read is told when
/// the program is checked, at the line that imports it.
pub fn load(source: Source, read: &mut dyn FnMut(&str) -> Result<String, String>) -> Source {
    let mut texts = vec![(source.name().to_owned(), source.text().to_owned())];
    let mut unread = Vec::new();
    let mut seen = BTreeSet::from([source.name().to_owned()]);
    let mut at = 0;
    while let Some((importer, text)) = texts.get(at).cloned() {
        at += 1;
        for import in imports_of(&importer, &text) {
            let name = resolve(&importer, &import);
            if !seen.insert(name.clone()) {
                continue;
            }
            let text = if texts.len() > MAX_IMPORTS { Err(format!("a program imports at most {MAX_IMPORTS} files")) } else { read(&name) };
            match text {
                Ok(text) => texts.push((name, text)),
                Err(reason) => unread.push((name, reason)),
            }
        }
    }
    if texts.len() + unread.len() == 1 { source } else { Source::with_imports(texts, unread) }
}

/// The name of a file that another one imports.
pub fn resolve(importer: &str, import: &str) -> String {
    let mut parts: Vec<&str> = importer.split('/').collect();
    parts.pop();
    if import.starts_with('/') {
        parts.clear();
    }
    parts.retain(|part| *part != ".");
    for part in import.split('/') {
        match part {
            "." => {}
            ".." if parts.last().is_some_and(|last| !last.is_empty() && *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn imports_of(name: &str, text: &str) -> Vec<String> {
    if !text.contains("import") {
        return Vec::new();
    }
    parse(&Source::new(name, text)).program.imports.into_iter().map(|import| import.node).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_seen_from_the_file_that_imports() {
        for (importer, import, expected) in [
            ("rules/topstep/combine.fence", "../common/floors.fence", "rules/common/floors.fence"),
            ("./combine.fence", "../common/floors.fence", "../common/floors.fence"),
            ("./combine.fence", "./floors.fence", "floors.fence"),
            ("combine.fence", "floors.fence", "floors.fence"),
            ("combine.fence", "./floors.fence", "floors.fence"),
            ("a/b.fence", "../../c.fence", "../c.fence"),
            ("/a/b.fence", "/c/d.fence", "/c/d.fence"),
            ("/a/b.fence", "c.fence", "/a/c.fence"),
        ] {
            assert_eq!(resolve(importer, import), expected);
        }
    }

    #[test]
    fn each_file_is_read_once_and_circles_end() {
        let files = [("lib/a.fence", "import \"b.fence\"\n"), ("lib/b.fence", "import \"a.fence\"\nimport \"c.fence\"\n")];
        let mut asked = Vec::new();
        let main = Source::new("main.fence", "import \"lib/a.fence\"\nimport \"lib/b.fence\"\nprogram \"p\" {\n}\n");
        let source = load(main, &mut |name| {
            asked.push(name.to_owned());
            files.iter().find(|(file, _)| *file == name).map(|(_, text)| (*text).to_owned()).ok_or_else(|| "no such file".to_owned())
        });
        assert_eq!(asked, ["lib/a.fence", "lib/b.fence", "lib/c.fence"]);
        assert_eq!(source.files().iter().map(|file| file.name.as_str()).collect::<Vec<_>>(), ["main.fence", "lib/a.fence", "lib/b.fence"]);
        assert_eq!(source.unread("lib/c.fence"), Some("no such file"));
    }
}
