//! The cells of tables, by the table's name, their column and their row.

/// What the table of plans is called.
pub(super) const PLANS: &str = "plans";

/// A cell of a table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    /// The table: `plans`, `instruments`, or its name.
    pub table: String,
    /// The heading of its column.
    pub column: String,
    /// The first cell of its row.
    pub row: String,
    /// The number of the line of the headings, from 1.
    pub line: usize,
}

impl Cell {
    /// The cell that a place in a file stands in; the headings are no cells.
    pub fn of(text: &str, place: usize) -> Option<Self> {
        let lines: Vec<&str> = text.lines().collect();
        let before = text.get(..place)?;
        let at = before.matches('\n').count();
        let is_row = |at: usize| lines.get(at).is_some_and(|line| line.trim_start().starts_with('|'));
        let mut heading = Some(at).filter(|at| is_row(*at))?;
        while let Some(above) = heading.checked_sub(1).filter(|above| is_row(*above)) {
            heading = above;
        }
        let number = before[before.rfind('\n').map_or(0, |end| end + 1)..].matches('|').count().checked_sub(1)?;
        let cell = |line: usize, number: usize| Some(lines.get(line)?.split('|').nth(number + 1)?.trim().to_owned());
        let mut names = lines.get(heading.checked_sub(1)?)?.split_whitespace().skip_while(|word| *word == "table");
        (heading < at).then_some(Self {
            table: names.next()?.to_owned(),
            column: cell(heading, number)?,
            row: cell(at, 0)?.trim_matches('"').to_owned(),
            line: heading + 1,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Cell;

    #[test]
    fn a_place_is_in_a_cell_by_its_column_and_row() {
        let text = "plans\n    | plan | size | loss |\n    | 50K  | $5   | $2   |\n    | \"A\"  | $7   | $3   |\ntable fee by profit steps\n  | from | x |\n  | $0   | $9 |\nlet y = $2\n";
        let cell = |words: &str| Cell::of(text, text.find(words).unwrap());
        let of =
            |table: &str, column: &str, row: &str, line| Some(Cell { table: table.into(), column: column.into(), row: row.into(), line });
        assert_eq!(cell("$2"), of("plans", "loss", "50K", 2));
        assert_eq!(cell("$7"), of("plans", "size", "A", 2));
        assert_eq!(cell("$9"), of("fee", "x", "$0", 6));
        assert_eq!((cell("loss"), cell("let"), cell("plans")), (None, None, None));
    }
}
