//! A series of values over time that stays small, whatever it is of, and loses no extreme.

use crate::value::{Decimal, Instant};

/// How many buckets a series has at most. With up to four points each, 20,000 points are drawn at most.
const BUCKETS: usize = 5_000;

/// A value at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// When.
    pub at: Instant,
    /// The value; none where it is not known or not in force.
    pub value: Option<Decimal>,
}

/// Neighbouring values: the first, the lowest, the highest and the last of them.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    first: Point,
    lowest: Point,
    highest: Point,
    last: Point,
    count: u64,
}

/// A series of values over time.
#[derive(Clone, Debug, Default)]
pub struct Series {
    buckets: Vec<Bucket>,
    /// How many values a bucket takes before the next is begun.
    per_bucket: u64,
    /// Whether gaps are put together with values: where there are too many of them to be kept apart.
    bridges: bool,
}

impl Bucket {
    const fn of(point: Point) -> Self {
        Self { first: point, lowest: point, highest: point, last: point, count: 1 }
    }

    fn join(&mut self, later: &Self) {
        if self.lowest.value.is_none() || less(later.lowest, self.lowest) {
            self.lowest = later.lowest;
        }
        if self.highest.value.is_none() || less(self.highest, later.highest) {
            self.highest = later.highest;
        }
        self.last = later.last;
        self.count += later.count;
    }

    /// Its points in order of time, each once.
    fn points(&self) -> Vec<Point> {
        let (one, two) = if self.lowest.at <= self.highest.at { (self.lowest, self.highest) } else { (self.highest, self.lowest) };
        let mut points = vec![self.first, one, two, self.last];
        points.dedup();
        points
    }
}

/// Whether a value is known to be below another; what is not known displaces nothing.
fn less(one: Point, other: Point) -> bool {
    match (one.value, other.value) {
        (Some(one), Some(other)) => one < other,
        _ => false,
    }
}

impl Series {
    /// Adds a value that is not earlier than those before it.
    pub fn push(&mut self, point: Point) {
        let per_bucket = self.per_bucket.max(1);
        let next = Bucket::of(point);
        match self.buckets.last_mut() {
            // A gap is a bucket of its own, so that a line ends and begins where the value does.
            Some(last) if last.count < per_bucket && (self.bridges || last.last.value.is_some() == point.value.is_some()) => {
                last.join(&next);
            }
            _ => self.buckets.push(next),
        }
        if self.buckets.len() >= BUCKETS {
            self.merge();
        }
    }

    /// Adds a value where it differs from the last one: for lines that stand still between their steps.
    pub fn step(&mut self, point: Point) {
        if self.last().is_none_or(|last| last.value != point.value) {
            self.push(point);
        }
    }

    /// Ends a line: it goes on to this instant as it stood, there at the level that is told, and is no more after it.
    pub fn end(&mut self, at: Instant, level: Option<Decimal>) {
        let Some(stood) = self.last().and_then(|last| last.value) else { return };
        self.push(Point { at, value: Some(level.unwrap_or(stood)) });
        self.push(Point { at, value: None });
    }

    /// The last value.
    pub fn last(&self) -> Option<Point> {
        self.buckets.last().map(|bucket| bucket.last)
    }

    /// What is drawn: at most 20,000 points in order of time.
    pub fn points(&self) -> Vec<Point> {
        self.buckets.iter().flat_map(Bucket::points).collect()
    }

    /// Makes one bucket of each two neighbours. Gaps stay apart from values while there is room for them.
    fn merge(&mut self) {
        let merged = self.merged(self.bridges);
        self.bridges |= merged.len() > BUCKETS * 3 / 4;
        self.buckets = if self.bridges { self.merged(true) } else { merged };
        self.per_bucket = self.per_bucket.max(1).saturating_mul(2);
    }

    fn merged(&self, bridges: bool) -> Vec<Bucket> {
        let known = |bucket: &Bucket| bucket.last.value.is_some();
        let mut merged = Vec::with_capacity(BUCKETS);
        for pair in self.buckets.chunks(2) {
            match pair {
                [one, two] if bridges || known(one) == known(two) => {
                    let mut joined = *one;
                    joined.join(two);
                    merged.push(joined);
                }
                others => merged.extend_from_slice(others),
            }
        }
        merged
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(at: i64, value: i32) -> Point {
        Point { at: Instant::from_nanos(at), value: Some(Decimal::from(value)) }
    }

    #[test]
    fn a_spike_of_one_tick_within_a_million_survives() {
        for spike in [0, 1, 123_456, 500_000, 999_998, 999_999] {
            let mut series = Series::default();
            for at in 0..1_000_000 {
                series.push(point(
                    at,
                    if at == spike {
                        -777
                    } else if at == (spike + 7) % 1_000_000 {
                        888
                    } else {
                        i32::try_from(at % 10).unwrap()
                    },
                ));
            }
            let points = series.points();
            assert!(points.contains(&point(spike, -777)), "{spike}");
            assert!(points.contains(&point((spike + 7) % 1_000_000, 888)), "{spike}");
            assert!(points.len() <= 20_000, "{}", points.len());
            assert_eq!((points.first(), points.last().map(|point| point.at)), (Some(&points[0]), Some(Instant::from_nanos(999_999))));
            assert!(points.is_sorted_by_key(|point| point.at));
        }
    }

    #[test]
    fn few_values_are_all_kept() {
        let mut series = Series::default();
        for at in 0..1_000 {
            series.push(point(at, i32::try_from(at * 7 % 13).unwrap()));
        }
        assert_eq!(series.points().len(), 1_000);
    }

    #[test]
    fn a_gap_ends_a_line_and_steps_are_told_once() {
        let mut series = Series::default();
        let gap = Point { at: Instant::from_nanos(5), value: None };
        for point in [point(1, 4), point(2, 4), point(3, 6), gap, point(9, 6)] {
            series.step(point);
        }
        assert_eq!(series.points(), [point(1, 4), point(3, 6), gap, point(9, 6)]);
    }

    #[test]
    fn a_line_reaches_to_its_end() {
        let gap = Point { at: Instant::from_nanos(9), value: None };
        let ended = |level: Option<i32>| {
            let mut series = Series::default();
            series.end(Instant::from_nanos(0), None);
            series.step(point(1, 4));
            series.end(Instant::from_nanos(9), level.map(Decimal::from));
            series.end(Instant::from_nanos(12), None);
            series.points()
        };
        assert_eq!(ended(None), [point(1, 4), point(9, 4), gap]);
        assert_eq!(ended(Some(5)), [point(1, 4), point(9, 5), gap]);
    }

    #[test]
    fn gaps_do_not_make_a_series_grow() {
        let mut series = Series::default();
        for at in 0..200_000 {
            let value = if at % 2 == 0 { None } else { Some(Decimal::from(if at == 77_777 { 5_000 } else { 1 })) };
            series.push(Point { at: Instant::from_nanos(at), value });
        }
        assert!(series.points().len() <= 20_000, "{}", series.points().len());
        assert!(series.points().contains(&point(77_777, 5_000)));
    }
}
