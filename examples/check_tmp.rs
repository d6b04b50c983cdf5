//! temp
fn main() {
    let path = std::env::args().nth(1).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let source = ringfence::source::Source::new(path, text);
    let parsed = ringfence::syntax::parse(&source);
    let checked = ringfence::check::check(&source, &parsed);
    for d in &checked.diagnostics {
        let (l, c) = source.line_column(d.span.start);
        eprintln!(
            "{} {}:{} {} [{}] help={:?} notes={:?} src={:?}",
            d.code,
            l,
            c,
            d.message,
            d.label,
            d.help,
            d.notes,
            source.slice(d.span).chars().take(60).collect::<String>()
        );
    }
    if let Some(ir) = checked.ir {
        for (i, n) in ir.nodes.iter().enumerate() {
            eprintln!("{i} {} {:?} {:?}", n.name, n.phase, n.moments.iter().map(|m| m.name()).collect::<Vec<_>>());
        }
    }
}
