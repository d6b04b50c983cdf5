//! Templates: what a use of one declares, and what its parameters stand for.
//!
//! A template is not copied. What it declares is checked once for each use, with the use in mind: a
//! parameter that is read is the expression that the use gives, read where the use stands.

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{self, ExprId, PhaseId};
use crate::source::Span;
use crate::syntax::ast::{self, ExprKind, ItemKind, TypeName};
use crate::syntax::reuse::{Parameter, TemplateDecl, Use, resolve};

use super::collect::is_built_in;
use super::context::Context;
use super::names::{Declaration, Entity};
use super::{Checker, errors, names};

/// How deep templates may use others.
const MAX_DEPTH: usize = 8;

/// A use of a template.
#[derive(Clone, Copy)]
pub(super) struct UseSite<'a> {
    template: &'a TemplateDecl,
    given: &'a Use,
    /// Where the template stands, with its body.
    body: Span,
    /// Where the use stands.
    span: Span,
    /// The use in whose template this one stands.
    outer: Option<usize>,
}

/// An item with the phase and the use it belongs to.
pub(super) struct Placed<'a> {
    pub(super) phase: Option<PhaseId>,
    pub(super) item: &'a ast::Item,
    pub(super) used: Option<usize>,
}

/// What a parameter stands for in a use.
#[derive(Clone, Copy)]
pub(super) struct Argument<'a> {
    parameter: &'a Parameter,
    /// What is given; none for actions.
    value: Option<&'a ast::Expr>,
    /// The use in whose template the value stands.
    outer: Option<usize>,
}

impl Argument<'_> {
    /// Whether it stands for a name, which is looked up as if it stood there itself.
    pub(super) fn is_name(&self) -> bool {
        word(self.parameter) == Some("name")
    }
}

impl<'a> Checker<'a> {
    /// Learns the templates of a program and of what it imports.
    pub(super) fn declare_templates(&mut self, program: &'a ast::Program) {
        for import in &program.imports {
            self.must_be_read(import);
        }
        for item in program.items.iter().chain(&program.library) {
            let ItemKind::Template(template) = &item.kind else { continue };
            self.fields_once(template.parameters.iter().map(|parameter| &parameter.name));
            for name in template.parameters.iter().map(|parameter| &parameter.name).filter(|name| is_built_in(&name.node)) {
                self.report(errors::built_in(&name.node, name.span));
            }
            match self.templates.get(template.name.node.as_str()) {
                Some((earlier, _)) => {
                    let found = errors::duplicate(&template.name.node, template.name.span, earlier.name.span);
                    self.report(found);
                }
                None => {
                    self.templates.insert(&template.name.node, (template, item.span));
                }
            }
        }
    }

    fn must_be_read(&mut self, import: &ast::Name) {
        let name = resolve(&self.source.file_at(import.span.start).name, &import.node);
        if self.source.files().iter().any(|file| file.name == name) {
            return;
        }
        let reason = self.source.unread(&name).unwrap_or("it was not given with the program").to_owned();
        let found = Diagnostic::new(Code::Import, import.span, format!("the import failed: {reason}"));
        self.unread_imports = true;
        self.report(found.help("a path is seen from the file that imports it"));
    }

    /// The items of a program or phase, and those of the templates that they use.
    pub(super) fn placed(&mut self, phase: Option<PhaseId>, items: &'a [ast::Item], all: &mut Vec<Placed<'a>>) {
        for item in items {
            match &item.kind {
                ItemKind::Use(given) => {
                    let outer = self.current_use;
                    if let Some(site) = self.use_site(given, item.head) {
                        self.uses.push(site);
                        self.current_use = Some(self.uses.len() - 1);
                        self.placed(phase, &site.template.items, all);
                        self.current_use = outer;
                    } else {
                        self.broken_use(phase, given);
                    }
                }
                _ => all.push(Placed { phase, item, used: self.current_use }),
            }
        }
    }

    fn use_site(&mut self, given: &'a Use, span: Span) -> Option<UseSite<'a>> {
        let Some((template, body)) = self.templates.get(given.template.node.as_str()).copied() else {
            if self.unread_imports {
                return None;
            }
            let known: Vec<&str> = self.templates.keys().copied().collect();
            let mut found = errors::unknown_name(&given.template.node, given.template.span, known.into_iter());
            found.message = format!("there is no template `{}`", given.template.node);
            let how = format!(
                "import the file that declares it, as in `import \"../common/NAME.fence\"`, or declare it above the program with a parameter for each value that is given here: `template {}({}) {{ … }}`",
                given.template.node,
                if given.arguments.is_empty() { "" } else { "allowed: money" },
            );
            self.report(if found.help.is_some() { found.otherwise(how) } else { found.help(how) });
            return None;
        };
        if self.uses.len() >= ir::MAX_NODES {
            self.over_limit(span, ir::MAX_NODES, "uses of templates");
            return None;
        }
        let site = UseSite { template, given, body, span, outer: self.current_use };
        if self.depth(&site) > MAX_DEPTH {
            let found = Diagnostic::new(Code::Circle, span, format!("the template `{}` uses itself", template.name.node));
            self.report(found.other(template.head, "it stands here").help("templates that use each other must end somewhere"));
            return None;
        }
        self.arguments(&site).then_some(site)
    }

    /// What a use with an error would have declared is taken as declared, so that what reads it is not told again.
    fn broken_use(&mut self, phase: Option<PhaseId>, given: &Use) {
        let Some((template, _)) = self.templates.get(given.template.node.as_str()).copied() else {
            self.names_unknown = true;
            return;
        };
        let given_names = given.arguments.iter().filter_map(|(_, value)| match &value.kind {
            ExprKind::Name(name) => Some(name.as_str()),
            _ => None,
        });
        let own = template.items.iter().filter_map(|item| item.kind.name()).map(|name| name.node.as_str());
        for name in given_names.chain(own) {
            if self.names.find(phase, name).is_none() && !is_built_in(name) {
                self.names.declare(phase, name, Declaration { entity: Entity::Broken, span: given.template.span });
            }
        }
    }

    fn depth(&self, site: &UseSite<'a>) -> usize {
        std::iter::successors(Some(*site), |site| site.outer.map(|outer| self.uses[outer])).count()
    }

    /// Whether a use gives what its template asks for.
    fn arguments(&mut self, site: &UseSite<'a>) -> bool {
        let (template, given) = (site.template, site.given);
        let said = self.diagnostics.len();
        for (name, value) in &given.arguments {
            match template.parameters.iter().find(|parameter| parameter.name.node == name.node) {
                None => {
                    let known = template.parameters.iter().map(|parameter| parameter.name.node.as_str());
                    let mut found = errors::unknown_name(&name.node, name.span, known);
                    found.message = format!("the template `{}` has no parameter `{}`", template.name.node, name.node);
                    self.report(found.other(template.head, "the template stands here"));
                }
                Some(parameter) => self.fits_word(parameter, value),
            }
        }
        // A misspelt one is told once.
        let misspelt = self.diagnostics.len() > said;
        for parameter in template.parameters.iter().filter(|parameter| !misspelt || word(parameter) == Some("actions")) {
            let name = &parameter.name.node;
            let there = match word(parameter) {
                Some("actions") => given.actions.is_some(),
                _ => parameter.default.is_some() || given.arguments.iter().any(|(given, _)| given.node == *name),
            };
            if !there {
                let found = Diagnostic::new(Code::Arguments, given.template.span, format!("`{}` needs `{name}`", template.name.node));
                let help = match word(parameter) {
                    Some("actions") => format!("put the {name} in braces after the use: `use {}(…) {{ … }}`", template.name.node),
                    _ => format!("write `use {}({name} = …)`", template.name.node),
                };
                self.report(found.other(parameter.name.span, "asked for here").help(help));
            }
        }
        if given.actions.is_some() && !template.parameters.iter().any(|parameter| word(parameter) == Some("actions")) {
            let found = Diagnostic::new(Code::Arguments, given.template.span, format!("`{}` takes no actions", template.name.node));
            self.report(found.other(template.head, "the template stands here").help("take out the braces"));
        }
        self.diagnostics.len() == said
    }

    /// A parameter that is a name or a text takes just that, so that it can stand in titles and declarations.
    fn fits_word(&mut self, parameter: &Parameter, value: &ast::Expr) {
        let (fits, needed) = match word(parameter) {
            Some("name") => (matches!(value.kind, ExprKind::Name(_)), "a name"),
            Some("text") => (matches!(value.kind, ExprKind::Text(_) | ExprKind::Name(_)), "a text in quotes"),
            Some("actions") => (false, "actions in braces after the use"),
            _ => return,
        };
        if !fits {
            let found = Diagnostic::new(Code::Arguments, value.span, format!("`{}` is {needed}", parameter.name.node));
            self.report(found.other(parameter.name.span, "asked for here"));
        }
    }

    /// What a parameter of the template at hand stands for.
    pub(super) fn argument(&self, name: &str) -> Option<Argument<'a>> {
        self.argument_in(self.current_use, name)
    }

    /// The value of a parameter, read where the use stands.
    pub(super) fn read_argument(&mut self, context: &Context, argument: Argument<'a>, name: &str, span: Span) -> ExprId {
        let Some(value) = argument.value else {
            self.report(
                Diagnostic::new(Code::TypeMismatch, span, format!("`{name}` are actions, not a value"))
                    .help(format!("they are done by `do {name}` in braces")),
            );
            return self.error(span);
        };
        let ty = self.type_named(&argument.parameter.ty);
        let inside = std::mem::replace(&mut self.current_use, argument.outer);
        let said = self.diagnostics.len();
        let id = match ty {
            Some(ty) => self.expr_of(context, value, &ty),
            None => self.expr(context, value),
        };
        for found in &mut self.diagnostics[said..] {
            found.others.push((argument.parameter.name.span, "asked for here".into()));
        }
        self.current_use = inside;
        if context.known.iter().any(|known| known == name) {
            self.exprs[id.0 as usize].maybe_missing = false;
        }
        id
    }

    /// An expression behind the parameters that it may be the name of: a duration that must be written
    /// out may be written in the use.
    pub(super) fn written<'e>(&self, expr: &'e ast::Expr) -> &'e ast::Expr
    where
        'a: 'e,
    {
        self.written_in(self.current_use, expr).0
    }

    /// The same where another use stands, with the use in whose template the outcome stands.
    fn written_in<'e>(&self, used: Option<usize>, expr: &'e ast::Expr) -> (&'e ast::Expr, Option<usize>)
    where
        'a: 'e,
    {
        let (mut expr, mut used) = (expr, used);
        while let ExprKind::Name(name) = &expr.kind
            && let Some(argument) = self.argument_in(used, name)
            && let Some(value) = argument.value
        {
            (expr, used) = (value, argument.outer);
        }
        (expr, used)
    }

    fn argument_in(&self, used: Option<usize>, name: &str) -> Option<Argument<'a>> {
        let site = self.uses[used?];
        let parameter = site.template.parameters.iter().find(|parameter| parameter.name.node == name)?;
        match site.given.arguments.iter().find(|(given, _)| given.node == name) {
            Some((_, value)) => Some(Argument { parameter, value: Some(value), outer: site.outer }),
            None => Some(Argument { parameter, value: parameter.default.as_ref(), outer: used }),
        }
    }

    /// The name that a name stands for: that of a parameter which is a name is the one that the use gives.
    pub(super) fn real_name(&self, name: &str) -> String {
        let (mut name, mut used) = (name, self.current_use);
        while let Some(argument) = self.argument_in(used, name)
            && word(argument.parameter) == Some("name")
            && let Some(ast::Expr { kind: ExprKind::Name(given), .. }) = argument.value
        {
            (name, used) = (given, argument.outer);
        }
        name.to_owned()
    }

    /// What a name means where the checker stands.
    pub(super) fn find(&self, phase: Option<PhaseId>, name: &str) -> Option<Declaration> {
        self.names.find(phase, &self.real_name(name))
    }

    /// A title with the texts that the use gives in place of `{parameter}`.
    pub(super) fn title_text(&self, title: &str) -> String {
        self.title_in(self.current_use, title)
    }

    fn title_in(&self, used: Option<usize>, title: &str) -> String {
        let Some(site) = used.map(|used| &self.uses[used]) else { return title.to_owned() };
        let mut text = title.to_owned();
        for parameter in &site.template.parameters {
            let mark = format!("{{{}}}", parameter.name.node);
            let argument = self.argument_in(used, &parameter.name.node).filter(|_| text.contains(&mark));
            let Some((value, outer)) = argument.and_then(|argument| Some((argument.value?, argument.outer))) else { continue };
            let (written, outer) = self.written_in(outer, value);
            let value = match &written.kind {
                // A text of a template around this one may name parameters of that one.
                ExprKind::Text(given) => self.title_in(outer, given),
                ExprKind::None => String::new(),
                _ => self.source.slice(written.span).to_owned(),
            };
            text = text.replace(&mark, &value);
        }
        text
    }

    /// The clause that something cites, where the use of a template gives one.
    pub(super) fn clause_text(&self, cites: Option<&ast::Name>) -> Option<String> {
        cites.map(|cites| self.title_text(&cites.node)).filter(|text| !text.is_empty())
    }

    /// The actions behind a use, done where the template says `do NAME`.
    pub(super) fn do_actions(&mut self, context: &Context, name: &ast::Name) -> Vec<ir::Action> {
        let Some(used) = self.current_use else {
            let found = Diagnostic::new(Code::Misplaced, name.span, "`do` stands only in a template");
            self.report(found.help("it does the actions that a use of the template gives"));
            return Vec::new();
        };
        let site = self.uses[used];
        let is_actions = |parameter: &Parameter| parameter.name.node == name.node && word(parameter) == Some("actions");
        if !site.template.parameters.iter().any(is_actions) {
            let known: Vec<&str> =
                site.template.parameters.iter().filter(|one| word(one) == Some("actions")).map(|one| one.name.node.as_str()).collect();
            let nearest = names::nearest(&name.node, known.iter().copied()).map(str::to_owned);
            let found = Diagnostic::new(Code::UnknownName, name.span, format!("the template takes no actions `{}`", name.node));
            let help =
                nearest.map_or_else(|| format!("declare the parameter `{}: actions`", name.node), |near| format!("did you mean `{near}`"));
            self.report(found.help(help));
            return Vec::new();
        }
        let actions = site.given.actions.as_deref().unwrap_or_default();
        self.current_use = site.outer;
        let done = self.actions(context, actions);
        self.current_use = Some(used);
        done
    }

    /// A finding inside a template names the uses that led to it.
    pub(super) fn with_uses(&self, mut found: Diagnostic) -> Diagnostic {
        let mut used = self.current_use;
        let mut inside = false;
        while let Some(site) = used.map(|used| &self.uses[used]) {
            inside |= site.body.holds(found.span);
            if inside && site.span != found.span {
                found = found.other(site.span, format!("in the template `{}`, used here", site.template.name.node));
            }
            used = site.outer;
        }
        found
    }

    /// The place that stands for what a use declares: the outermost use.
    pub(super) fn outermost(&self, used: Option<usize>) -> Option<Span> {
        let site = &self.uses[used?];
        self.outermost(site.outer).or(Some(site.span))
    }

    /// Where something is declared, for its author: at the use that leads to it, where one does.
    pub(super) fn declared_at(&self, span: Span) -> Span {
        self.outermost(self.current_use).unwrap_or(span)
    }

    /// Words of the template at hand, with what the use gives in place of its parameters; of a use in another template, what
    /// the use of that one gives.
    pub(super) fn words_here(&self, span: Span) -> String {
        self.words_in(self.current_use, span)
    }

    fn words_in(&self, used: Option<usize>, span: Span) -> String {
        let text = self.source.slice(span).split_whitespace().collect::<Vec<_>>().join(" ");
        let Some(site) = used.map(|used| &self.uses[used]) else { return text };
        // What a parameter stands for is written at the use, which may stand in a template of its own.
        if !site.body.holds(span) {
            return self.words_in(site.outer, span);
        }
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let mut out = String::new();
        let mut rest = text.as_str();
        while let Some(start) = rest.find(is_word) {
            let end = rest[start..].find(|c| !is_word(c)).map_or(rest.len(), |length| start + length);
            let (between, word) = (&rest[..start], &rest[start..end]);
            out.push_str(between);
            let argument = if between.ends_with('.') { None } else { self.argument_in(used, word) };
            let given = argument.and_then(|argument| Some(self.words_in(argument.outer, argument.value?.span)));
            out.push_str(given.as_deref().unwrap_or(word));
            rest = &rest[end..];
        }
        out + rest
    }
}

/// The word that a parameter's type is, where it is one word.
fn word(parameter: &Parameter) -> Option<&str> {
    match &parameter.ty {
        TypeName::Word(word) => Some(word.node.as_str()),
        TypeName::OneOf(_) => None,
    }
}
