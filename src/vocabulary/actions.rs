//! What programs do: the statements in the braces of rules, limits, goals and payouts.

/// An action and what is known of it.
#[derive(Clone, Copy, Debug)]
pub struct ActionRow {
    /// Its words, as expectations and outcomes name it.
    pub words: &'static str,
    /// How it is written; what stands in brackets may be left out.
    pub form: &'static str,
    /// What it does.
    pub doc: &'static str,
}

const fn row(words: &'static str, form: &'static str, doc: &'static str) -> ActionRow {
    ActionRow { words, form, doc }
}

/// All actions, in the order of the reference.
pub const ACTIONS: &[ActionRow] = &[
    row(
        "flatten",
        "flatten [position | symbol S | positions where C | group G] [down to Q | to fit] [newest first | largest first]",
        "closes what is open: all of it, or what is named",
    ),
    row("cancel orders", "cancel orders", "cancels every working order"),
    row("reject", "reject", "refuses the order at hand"),
    row("reduce", "reduce", "lets the order at hand out with the quantity that the limits allow"),
    row(
        "lock",
        "lock until next day | next PERIOD | INSTANT | DATE | staff",
        "refuses orders that open or increase, until then; those that reduce pass",
    ),
    row("unlock", "unlock", "ends the locks that the program's rules set"),
    row("fail", "fail", "the account goes to the phase `failed` at the end of the event"),
    row("promote", "promote to PHASE", "the account enters the phase, as soon as it is flat"),
    row("close account", "close account", "the account goes to the phase `closed`"),
    row("restart", "restart", "the running phase begins anew"),
    row("notify", "notify trader | risk | ops \"…\"", "sends a message; values stand in braces"),
    row("review", "review \"…\"", "asks a person to look"),
    row("pay", "pay AMOUNT", "pays without a request"),
    row("resize", "resize to AMOUNT", "asks for another size of the account"),
    row("reset ledger", "reset ledger to AMOUNT", "asks for the ledger to start anew at a balance"),
    row("adjust balance", "adjust balance by AMOUNT \"reason\"", "asks for a correction of the balance"),
    row("roll back", "roll back to day start", "asks for the running day to be undone"),
    row("call", "call NAME(field = VALUE, …)", "an action of the host's own"),
    row("set", "set STATE = VALUE", "gives a `state` another value"),
    row("jumps", "FLOOR jumps to AMOUNT | by ±AMOUNT [and freezes | and trails again]", "moves a floor"),
    row("freezes", "FLOOR freezes", "keeps a floor where it is"),
    row("do", "do PARAMETER", "inside a template: the actions that its use gives"),
];

#[cfg(test)]
mod tests {
    use super::*;

    const GRAMMAR: &str = include_str!("../../grammar/ringfence.pest");

    /// Each statement of the grammar that is an action has a row; those of floors begin with a name.
    #[test]
    fn every_action_of_the_grammar_has_a_row() {
        let rules = GRAMMAR.lines().filter_map(|line| line.strip_prefix("act_"));
        let words = rules.filter_map(|rule| rule.split("{ w_").nth(1)).map(|rest| rest.split(' ').next().unwrap_or_default());
        let words: Vec<&str> = words.collect();
        assert_eq!(words.len() + ["jumps", "freezes"].len(), ACTIONS.len());
        for word in words {
            assert!(ACTIONS.iter().any(|row| row.words.split(' ').next() == Some(word)), "{word}");
        }
    }
}
