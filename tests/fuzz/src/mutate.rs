//! Texts changed by words and lines: what comes of it is read further than what comes of changed bytes.

use ringfence::syntax::{CONTINUATIONS, KEYWORDS, RECORDS, WEEKDAYS};

/// Words and values at the edges of what is taken, two blanks apart.
const EDGES: &str = "0  1  -1  0.00000001  0.0000000000000000001  92233720368.54775807  -92233720368.54775808  9223372036854775807  \
    79228162514264337593543950335  4294967296  65536  $0  -$1  $92,233,720,368  100%  0%  300%  1 day  36500 days  0 days  \
    100000 hours  1970-01-01  2026-02-29  2262-04-11  9999-12-31  1677-09-21T00:12:44Z  2262-04-11T23:47:16Z  2026-03-02T07:00:00Z  \
    2026-03-03T08:00:00Z  24:00  00:00  {  }  (  )  \"  |  //  /*  \u{feff}  \u{202e}  é  🦀  null  true  []  {}  count  sum  highest  \
    lowest  average  latest  streak  ever  limit  floor  goal  payout  breach  expect  tick  fill  cash  clock  gap  input  news  \
    order  protect  snapshot  staff  ack  host  cancel  corrects";

/// Numbers that follow from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides.max(1) as u64) as usize
    }

    fn edge(&mut self) -> &'static str {
        let edges: Vec<&str> = EDGES.split("  ").collect();
        self.of(&edges)
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list.get(self.below(list.len())).copied().unwrap_or_default()
    }
}

/// Changes the text in the first `size` bytes, and says how many there are then.
pub(crate) fn text(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let mut dice = Dice(u64::from(seed) << 16 | 0x5eed);
    let mut text = String::from_utf8_lossy(&data[..size]).into_owned();
    for _ in 0..=dice.below(4) {
        text = if dice.below(3) == 0 { lines(&text, &mut dice) } else { words(&text, &mut dice) };
    }
    let limit = max_size.min(data.len());
    let mut end = text.len().min(limit);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    data[..end].copy_from_slice(&text.as_bytes()[..end]);
    end
}

/// A line left out, doubled, or put in another's place.
fn lines(text: &str, dice: &mut Dice) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    if lines.is_empty() {
        return dice.edge().to_owned();
    }
    let (one, other) = (dice.below(lines.len()), dice.below(lines.len()));
    match dice.below(4) {
        0 => drop(lines.remove(one)),
        1 => lines.insert(other, lines[one]),
        2 => lines.swap(one, other),
        _ => {
            let count = dice.below(8).min(lines.len() - one);
            let block: Vec<&str> = lines[one..one + count].to_vec();
            lines.splice(other..other, block);
        }
    }
    lines.join("\n") + "\n"
}

/// A word left out, doubled, or in the place of another: one of the text, of the language, or at an edge.
fn words(text: &str, dice: &mut Dice) -> String {
    let tokens = tokens(text);
    let Some((at, word)) = tokens.get(dice.below(tokens.len())).copied() else { return dice.edge().to_owned() };
    let other = tokens.get(dice.below(tokens.len())).map_or("", |(_, word)| *word);
    let put = match dice.below(8) {
        0 => String::new(),
        1 => format!("{word} {word}"),
        2 | 3 => other.to_owned(),
        4 => dice.of(&[KEYWORDS, RECORDS, WEEKDAYS, CONTINUATIONS].concat()).to_owned(),
        5 => format!("{word} {}", dice.edge()),
        _ => dice.edge().to_owned(),
    };
    format!("{}{put}{}", &text[..at], &text[at + word.len()..])
}

/// Words and signs with where they stand.
fn tokens(text: &str) -> Vec<(usize, &str)> {
    let is_word = |letter: char| letter.is_alphanumeric() || "_.:-$%,".contains(letter);
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let at = text.len() - rest.len();
        let length = rest.find(|letter| !is_word(letter)).unwrap_or(rest.len()).max(letter.len_utf8());
        if !letter.is_whitespace() {
            found.push((at, &rest[..length]));
        }
        rest = &rest[length..];
    }
    found
}
