//! Numbers that lie close together, in half of their memory.

/// Whole numbers in the order in which they came: as steps from the first of them, or as they are where one
/// of them does not fit so.
#[derive(Clone, Debug, Default)]
pub(super) struct Column {
    base: i64,
    /// What all steps are multiples of.
    unit: i64,
    steps: Vec<i32>,
    wide: Vec<i64>,
}

/// The largest unit in which steps are counted: a hundred-thousandth of a price, a microsecond.
const UNIT: i64 = 1_000;

impl Column {
    /// An empty one with room for so many.
    pub(super) fn with_room(count: usize) -> Self {
        Self { base: 0, unit: UNIT, steps: Vec::with_capacity(count), wide: Vec::new() }
    }

    /// How many there are.
    pub(super) const fn len(&self) -> usize {
        if self.wide.is_empty() { self.steps.len() } else { self.wide.len() }
    }

    /// Takes another in.
    pub(super) fn push(&mut self, number: i64) {
        if !self.wide.is_empty() {
            return self.wide.push(number);
        }
        if self.steps.is_empty() {
            self.base = number;
        }
        if self.step(number).is_none() && self.unit != 1 {
            self.count_singly();
        }
        match self.step(number) {
            Some(step) => self.steps.push(step),
            None => self.widen(number),
        }
    }

    /// The number at a place; 0 beyond the last.
    pub(super) fn get(&self, at: usize) -> i64 {
        match self.steps.get(at) {
            Some(step) => self.base + i64::from(*step) * self.unit,
            None => self.wide.get(at).copied().unwrap_or_default(),
        }
    }

    /// How many steps a number is away, if they are whole and not too many.
    fn step(&self, number: i64) -> Option<i32> {
        let distance = number.checked_sub(self.base).filter(|distance| distance % self.unit == 0)?;
        i32::try_from(distance / self.unit).ok()
    }

    /// Counts the steps in ones, if they all fit.
    fn count_singly(&mut self) {
        let ones = self.steps.iter().map(|step| i64::from(*step) * self.unit).map(i32::try_from).collect::<Result<Vec<i32>, _>>();
        if let Ok(mut ones) = ones {
            ones.reserve_exact(self.steps.capacity() - self.steps.len());
            (self.steps, self.unit) = (ones, 1);
        }
    }

    fn widen(&mut self, number: i64) {
        let mut wide = Vec::with_capacity(self.steps.capacity());
        wide.extend((0..self.steps.len()).map(|at| self.get(at)));
        wide.push(number);
        (self.wide, self.steps) = (wide, Vec::new());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(numbers: &[i64]) -> Column {
        let mut column = Column::with_room(numbers.len());
        for number in numbers {
            column.push(*number);
        }
        let found: Vec<i64> = (0..numbers.len()).map(|at| column.get(at)).collect();
        assert_eq!((found.as_slice(), column.len()), (numbers, numbers.len()));
        column
    }

    #[test]
    fn numbers_close_together_are_kept_as_steps() {
        assert_eq!(kept(&[120_000_000, 120_003_000, 119_999_000]).unit, UNIT);
        assert_eq!(kept(&[120_000_000, 120_003_000, 120_003_001]).unit, 1);
        assert!(kept(&[0, i64::from(i32::MAX) * UNIT]).wide.is_empty());
    }

    #[test]
    fn numbers_far_apart_are_kept_as_they_are() {
        // The first step fits only in thousands, the second only in ones.
        assert_eq!(kept(&[0, i64::from(i32::MAX) * UNIT, 1]).wide.len(), 3);
        assert_eq!(kept(&[5, i64::MIN, i64::MAX, 7]).wide.len(), 4);
        assert_eq!(kept(&[i64::MAX, -5]).wide.len(), 2);
    }
}
