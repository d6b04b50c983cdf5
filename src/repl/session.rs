//! A session: a line in, text or an error out.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use super::close::closing;
use super::commands::{self, COMMANDS, Command, Row};
use super::course::{Course, Entry};
use super::hints::{self, of_arrow};
use super::program::{Opening, Options, Program};
use super::{Desk, Reply, Trouble, findings, show};
use crate::check::{CheckedExpr, check_expression};
use crate::ir::{Arithmetic, ExprId, ExprKind};
use crate::scenario::Interpreter as _;
use crate::sentences::{Reading, Values};
use crate::source::Source;
use crate::syntax::{begins_step, is_reserved, parse_expression};
use crate::value::Value;

/// The course that a session begins with.
const FIRST: &str = "main";

/// A prompt's session.
pub struct Session {
    pub(super) program: Program,
    pub(super) opening: Opening,
    pub(super) courses: BTreeMap<String, Course>,
    pub(super) here: String,
    /// Names for expressions, as typed.
    pub(super) lets: BTreeMap<String, String>,
    pub(super) desk: Box<dyn Desk>,
    /// Whether it was said that nobody flattens here.
    pub(super) told_of_flatten: bool,
}

impl Session {
    /// A session whose account is opened as the options say.
    ///
    /// # Errors
    /// When the desk's program cannot be read, or the account cannot be opened.
    pub fn new(mut desk: Box<dyn Desk>, options: &Options) -> Result<Self, Trouble> {
        let program = match desk.program()? {
            Some(program) => program,
            None => empty()?,
        };
        let opening = Opening::read(&program, options)?;
        let course = Course::open(&program, &opening)?;
        let courses = BTreeMap::from([(FIRST.to_owned(), course)]);
        Ok(Self { program, opening, courses, here: FIRST.into(), lets: BTreeMap::new(), desk, told_of_flatten: false })
    }

    /// What a session says at its beginning.
    pub fn greeting(&self) -> String {
        let ir = self.program.ir();
        let plan = self.opening.head.split(',').next().unwrap_or_default();
        let others: Vec<&str> = ir.plans.names.iter().map(String::as_str).filter(|name| plan != format!("plan {name}")).collect();
        let choice = if others.is_empty() { String::new() } else { format!(" (--plan takes also {})", others.join(", ")) };
        format!("{} version {}, {plan}{choice}; `help` lists what can be asked", ir.title, ir.header.version)
    }

    /// What stands before a line that is typed.
    pub fn prompt(&self) -> String {
        if self.here == FIRST { "> ".into() } else { format!("{}> ", self.here) }
    }

    /// Takes a line, or several that belong together.
    ///
    /// # Errors
    /// Why it cannot be done; nothing is changed then.
    pub fn enter(&mut self, line: &str) -> Result<Reply, Trouble> {
        let line = &joined(line.trim());
        if line.is_empty() || (line.starts_with("//") && !line.contains('\n')) {
            return Ok(Reply::default());
        }
        let text = match commands::read(line) {
            Some((row, rest)) => return self.command(row, rest),
            None if begins_step(line) && !hints::asks_for_a_price(line) => self.steps(&self.expanded(line))?,
            None => self.expression(line)?,
        };
        Ok(Reply { text, over: false })
    }

    fn command(&mut self, row: &Row, rest: &str) -> Result<Reply, Trouble> {
        if rest.is_empty() && !row.arguments.is_empty() && !row.arguments.starts_with('[') {
            return Err(Trouble::Words(format!("say what: `{}`, such as `{}`", row.form(), row.example)));
        }
        let text = match row.command {
            Command::Quit => return Ok(Reply { text: String::new(), over: true }),
            Command::Status => self.status()?,
            Command::Why => self.why(rest)?,
            Command::WhyNotPayout => self.why_not_payout(rest)?,
            Command::Headroom => self.headroom()?,
            Command::MaxOrder => self.max_order(rest)?,
            Command::PriceLimit => self.price_limit(rest)?,
            Command::Next => self.next()?,
            Command::NextReset => self.next_reset()?,
            Command::WhatIf => self.what_if(rest)?,
            Command::Fork => self.fork(rest)?,
            Command::Forks => self.forks(),
            Command::Switch => self.switch(rest)?,
            Command::Undo => self.undo(rest)?,
            Command::Redo => self.redo(rest)?,
            Command::Diff => self.diff(rest)?,
            Command::LoadEvents => self.load(rest)?,
            Command::Step => self.step(rest)?,
            Command::Until => self.until(rest)?,
            Command::CloseAll => self.close_all()?,
            Command::Save => self.save(rest)?,
            Command::Reload => self.reload()?,
            Command::Let => self.name(rest)?,
            Command::Explain => self.desk.explain(rest)?,
            Command::Help => help(rest)?,
        };
        Ok(Reply { text, over: false })
    }

    pub(super) fn course(&self) -> Result<&Course, Trouble> {
        self.courses.get(&self.here).ok_or_else(|| Trouble::words("the course is lost"))
    }

    /// Plays an entry in the present course, and says what it decided.
    pub(super) fn play(&mut self, entry: Entry) -> Result<String, Trouble> {
        let course = self.courses.get_mut(&self.here).ok_or_else(|| Trouble::words("the course is lost"))?;
        let before = course.world.decisions().len();
        let limits = course.limits();
        course.play(&self.program, &self.opening, entry)?;
        // Events that were loaded may have opened the account anew.
        let before = if course.history.len() == 1 { before.min(course.world.decisions().len()) } else { before };
        let course = course_of(&self.courses, &self.here)?;
        let mut shown = self.decided_since(course, before);
        shown.extend(course.overruns(&self.program, &limits, before).iter().flat_map(|words| ["\n", words]));
        Ok(match self.flatten_hint(before) {
            Some(hint) => format!("{shown}\n{hint}"),
            None => shown,
        })
    }

    /// What a course decided from a place on; how it stands, where that is nothing.
    pub(super) fn decided_since(&self, course: &Course, before: usize) -> String {
        let decided = course.decided_since(before);
        if !decided.is_empty() {
            return show::decisions(&self.program, decided);
        }
        let zone = self.program.ir().header.day.zone;
        let (balance, equity) = match course.world.account() {
            Some(account) => (account.account().balance(), account.account().equity()),
            None => (Value::Missing, Value::Missing),
        };
        format!("{}  nothing decided; balance {balance}, equity {equity}", zone.to_local(course.scene.now()))
    }

    pub(super) fn steps(&mut self, text: &str) -> Result<String, Trouble> {
        let ungranted = self.course()?.scene.waits_ungranted();
        let mut shown = self.play(Entry::Steps(text.to_owned())).map_err(|trouble| of_arrow(text).map_or(trouble, Trouble::Words))?;
        if let Some(words) = of_host(text).filter(|_| ungranted) {
            shown = format!("{shown}\n{words}");
        }
        let looks = text.starts_with("expect ") && !text.contains([';', '\n']);
        Ok(if looks { "it holds".into() } else { shown })
    }

    /// `let NAME = EXPRESSION`
    fn name(&mut self, rest: &str) -> Result<String, Trouble> {
        let form = || Trouble::words("write it as `let NAME = EXPRESSION`, such as `let half = 50% of size`");
        let (name, expression) = rest.split_once('=').ok_or_else(form)?;
        let (name, expression) = (name.trim(), self.expanded(expression.trim()));
        let plain = name.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_')
            && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
        if !plain {
            return Err(form());
        }
        if is_reserved(name) || begins_step(&format!("{name} ")) || COMMANDS.iter().any(|row| row.name.split(' ').next() == Some(name)) {
            return Err(Trouble::Words(format!("`{name}` is a word of the prompt or of the language: take another name")));
        }
        let phase = self.course()?.phase(&self.program);
        if self.program.names.is_known(phase, name) {
            return Err(Trouble::Words(format!("the program has a `{name}` of its own: take another name")));
        }
        let shown = self.expression(&expression)?;
        self.lets.insert(name.to_owned(), expression);
        Ok(format!("{name} = {shown}"))
    }

    /// A line in which the names of the prompt are replaced by what they stand for.
    pub(super) fn expanded(&self, line: &str) -> String {
        let (mut out, mut rest, mut quoted, mut last) = (String::new(), line, false, ' ');
        while let Some(letter) = rest.chars().next() {
            let word: &str = match letter {
                'a'..='z' | 'A'..='Z' | '_' if !quoted => {
                    let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(rest.len());
                    &rest[..end]
                }
                _ => &rest[..letter.len_utf8()],
            };
            quoted ^= letter == '"';
            let apart = last != '.' && !last.is_ascii_alphanumeric();
            match self.lets.get(word).filter(|_| apart && !quoted) {
                Some(expression) => out.extend(["(", expression, ")"]),
                None => out.push_str(word),
            }
            last = word.chars().next_back().unwrap_or(' ');
            rest = &rest[word.len()..];
        }
        out
    }

    /// An expression as it is checked where the account stands, with the text that it is of.
    fn checked(&self, line: &str) -> Result<Option<(Source, CheckedExpr)>, Trouble> {
        let source = Source::new(super::PROMPT, self.expanded(line));
        let (parsed, found) = parse_expression(&source);
        findings(&source, found)?;
        let Some(parsed) = parsed else { return Ok(None) };
        let phase = self.course()?.phase(&self.program);
        let checked = check_expression(self.program.ir(), &self.program.names, &source, phase, &parsed);
        let checked = checked.map_err(|errors| Trouble::Findings(source.clone(), errors))?;
        Ok(Some((source, checked)))
    }

    fn evaluated(&self, checked: &CheckedExpr) -> Result<Value, Trouble> {
        self.account()?.evaluate(checked).map_err(|fault| Trouble::Words(format!("it cannot be computed: {}", fault.words())))
    }

    /// The value of an expression.
    pub(super) fn value_of(&self, line: &str) -> Result<Value, Trouble> {
        self.checked(line)?.map_or(Ok(Value::Missing), |(_, checked)| self.evaluated(&checked))
    }

    /// An expression's value, its type and what it is made of.
    pub(super) fn expression(&self, line: &str) -> Result<String, Trouble> {
        let checked = self.checked(line).map_err(|trouble| self.hinted(line, trouble))?;
        let Some((source, checked)) = checked else { return Ok(String::new()) };
        let account = self.account()?;
        let value = self.evaluated(&checked)?;
        let at_prompt = AtPrompt { account, checked: &checked };
        let reading = Reading { ir: self.program.ir(), exprs: &checked.exprs, source: &source, values: &at_prompt, at: None };
        let zone = self.program.ir().header.day.zone;
        let ty = checked.exprs.get(checked.id.0 as usize).map(|expr| in_currency(&expr.ty, &value)).unwrap_or_default();
        let mut out = format!("{}  ({ty})\n", zone.words(&value));
        if let Some(share) = self.share_meant(&source, &checked)? {
            let _ = writeln!(out, "  a share is written with `of`: {share}");
        }
        for part in reading.parts(checked.id) {
            show::tree(zone, &part, 1, &mut out);
        }
        Ok(out.trim_end().to_owned())
    }

    /// `40% of 2200 = 880` for `2200 * 40%`, which is a percentage, 2200 times as large.
    fn share_meant(&self, source: &Source, checked: &CheckedExpr) -> Result<Option<String>, Trouble> {
        let at = |id: ExprId| checked.exprs.get(id.0 as usize);
        let Some(ExprKind::Arithmetic(Arithmetic::Multiply, left, right)) = at(checked.id).map(|expr| &expr.kind) else { return Ok(None) };
        let is_share = |id: ExprId| at(id).is_some_and(|expr| expr.ty == crate::value::Type::Percent);
        let (share, whole) = match (is_share(*left), is_share(*right)) {
            (true, false) => (*left, *right),
            (false, true) => (*right, *left),
            _ => return Ok(None),
        };
        let words = |id: ExprId| at(id).map_or_else(String::new, |expr| source.words(expr.span));
        let is_one = |id: ExprId| at(id).is_some_and(|expr| expr.kind.operands().is_empty());
        let written = |id: ExprId| if is_one(id) { words(id) } else { format!("({})", words(id)) };
        let meant = format!("{} of {}", written(share), written(whole));
        let value = self.value_of(&meant)?;
        Ok(Some(format!("{meant} = {}", self.program.ir().header.day.zone.words(&value))))
    }

    fn what_if(&mut self, step: &str) -> Result<String, Trouble> {
        let mut course = self.course()?.clone();
        let closed = if hints::means_close_all(step) {
            course.adopt();
            Some(closing(&course)?)
        } else if begins_step(step) {
            None
        } else {
            return Err(Trouble::Words(hints::no_step(step)));
        };
        let step = closed.as_deref().unwrap_or(step);
        let (before, state) = (course.world.decisions().len(), course.world.state(crate::scenario::ACCOUNT));
        course.play(&self.program, &self.opening, Entry::Steps(self.expanded(step)))?;
        let changed = show::told_first(show::changed(&state, &course.world.state(crate::scenario::ACCOUNT)));
        let mut decided = self.decided_since(&course, before);
        decided.extend(course.overruns(&self.program, &self.course()?.limits(), before).iter().flat_map(|words| ["\n", words]));
        let zone = self.program.ir().header.day.zone;
        if closed.is_some() {
            decided.insert_str(0, &format!("{step}\n"));
        }
        if changed.is_empty() {
            return Ok(format!("{decided}\nno value would change"));
        }
        Ok(format!("{decided}\nwould change:\n{}", show::changes(zone, &changed)))
    }
}

/// Several lines as the one statement that they are: only in braces do lines end a step.
fn joined(text: &str) -> String {
    if text.contains("//") {
        return text.to_owned();
    }
    let (mut depth, mut quoted, mut out) = (0_i32, false, String::new());
    for line in text.split('\n') {
        // The blanks at the beginning of a line that goes on say nothing.
        let line = if depth == 0 && !out.is_empty() { line.trim_start() } else { line };
        if !out.is_empty() {
            out.push(if depth == 0 { ' ' } else { '\n' });
        }
        out.push_str(line);
        for letter in line.chars() {
            match letter {
                '"' => quoted = !quoted,
                '{' if !quoted => depth += 1,
                '}' if !quoted => depth -= 1,
                _ => {}
            }
        }
    }
    out
}

fn course_of<'a>(courses: &'a BTreeMap<String, Course>, name: &str) -> Result<&'a Course, Trouble> {
    courses.get(name).ok_or_else(|| Trouble::words("the course is lost"))
}

/// An entry of the history in words.
pub(super) fn entry_words(program: &Program, entry: &Entry) -> String {
    match entry {
        Entry::Steps(text) => format!("`{}`", text.split_whitespace().collect::<Vec<_>>().join(" ")),
        Entry::Load(loaded) => format!("the events of {}", loaded.files),
        Entry::Events(1) => "one loaded event".into(),
        Entry::Events(count) => format!("{count} loaded events"),
        Entry::Until(to) => format!("the time up to {}", program.ir().header.day.zone.to_local(*to)),
    }
}

/// What the host decides of a request that the program did not grant.
fn of_host(step: &str) -> Option<&'static str> {
    let words: Vec<&str> = step.split_whitespace().take(2).collect();
    match words.as_slice() {
        ["approve", "payout"] => Some(
            "the program did not grant this request; the host approves it all the same: `pay payout` pays it, and only `cash` moves the balance",
        ),
        ["deny", "payout"] => Some("the program did not grant this request either; no request waits any more"),
        _ => None,
    }
}

/// The words of a type, in the currency of a value.
fn in_currency(ty: &crate::value::Type, value: &Value) -> String {
    match value {
        Value::Money(_, currency) => format!("money in {currency}"),
        _ => ty.to_string(),
    }
}

/// The values of an expression's parts.
struct AtPrompt<'a> {
    account: crate::engine::AccountRef<'a>,
    checked: &'a CheckedExpr,
}

impl Values for AtPrompt<'_> {
    fn value(&self, id: ExprId) -> Option<Value> {
        self.account.evaluate(&CheckedExpr { id, ..self.checked.clone() }).ok()
    }
}

/// The program of a session that was given none.
fn empty() -> Result<Program, Trouble> {
    let source = Source::new("empty", super::EMPTY);
    let checked = crate::check::check(&source, &crate::syntax::parse(&source));
    let names = checked.names;
    let compiled = checked.ir.ok_or(checked.diagnostics).and_then(crate::compile::compile);
    let code = Arc::new(compiled.map_err(|found| Trouble::Findings(source, found))?);
    let mut engine = crate::engine::Engine::new();
    engine.load(Arc::clone(&code));
    Ok(Program { code, names, engine })
}

fn help(of: &str) -> Result<String, Trouble> {
    if of.is_empty() {
        let rows: Vec<Vec<String>> = COMMANDS.iter().map(|row| vec![row.form(), row.help.to_owned()]).collect();
        return Ok(format!(
            "a step of a scenario, such as `trade -$500` or `at 10:15`, is done; an expression, such as `5% of size`, is computed; and:\n{}",
            show::columns(&rows)
        ));
    }
    let found: Vec<&Row> = COMMANDS.iter().filter(|row| commands::behind(row.name, of).is_some() || row.name == of).collect();
    if found.is_empty() {
        let near = crate::check::nearest(of, COMMANDS.iter().map(|row| row.name));
        let hint = near.map_or_else(|| "`help` lists all".to_owned(), |near| format!("did you mean `{near}`?"));
        return Err(Trouble::Words(format!("no command is called `{of}`: {hint}")));
    }
    let each = found.iter().map(|row| format!("{}\n  {}\n  such as: {}", row.form(), row.help, row.example));
    Ok(each.collect::<Vec<_>>().join("\n"))
}
