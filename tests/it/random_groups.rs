//! Random groups of trades, and facts kept from a position's entry to its close.

use crate::random::Writer;

/// A group, and rules that read it.
pub(crate) fn group(writer: &mut Writer, phase: &str) {
    let name = format!("g_{phase}");
    let of = writer.dice.pick(&["trades", "trades", "trades", "open positions"]);
    let keys = writer.dice.pick(&["symbol", "side", "symbol, side", "instruments.family"]);
    let joins = match of {
        "trades" => writer.dice.pick(&[
            "",
            "joins while open",
            "joins while open or when opened within 5min of its last close",
            "joins while open or when opened within 2h of its last losing close",
            "joins when opened within 30s of its first open",
            "joins when opened within 1h of its first open",
        ]),
        _ => "",
    };
    let keeps = writer.dice.pick(&["", "", "keeps 2", "keeps 1"]);
    writer.line(&format!("    group {name} of {of} by {keys} {joins} {keeps}"));
    for number in 0..2 {
        let value = value(writer, &name);
        let clock = writer.dice.pick(&["mark", "fill", "entry", "exit", "trade", "day end", "END"]).replace("END", &format!("{name} end"));
        let function = writer.dice.pick(&["highest", "lowest", "sum", "latest", "average"]);
        writer.line(&format!("    track k{number}_{phase} for each {name} = {function} {value} at {clock} from $0"));
    }
    let value_of = value(writer, &name);
    writer.line(&format!("    track ended_{phase} = sum {value_of} at {name} end from $0"));
    writer.moneys.push(format!("ended_{phase}"));
    writer.line(&format!("    track last_{phase} = latest (k0_{phase} else $1) at {name} end from $0"));
    limits(writer, &name, phase);
    if writer.dice.chance(60) {
        writer.line(&format!("    on {name} end where {name}.count is above 1 {{ notify ops \"{{{name}.profit}} {{{name}.opened}}\" }}"));
    }
}

fn limits(writer: &mut Writer, name: &str, phase: &str) {
    let value_of = value(writer, name);
    let bound = writer.dice.pick(&["-$100", "-$1,000", "-1% of size", "$0 - loss"]);
    let once = writer.dice.pick(&["", " once per day", " once per NAME"]).replace("NAME", name);
    let action = writer.dice.pick(&["flatten group NAME", "lock until next day", "notify ops \"{NAME.count} {NAME.result}\""]);
    let action = action.replace("NAME", name);
    writer.line(&format!("    limit \"Loss of {name}\" for each {name}{once} {{\n      {value_of} stays above {bound}"));
    writer.line(&format!(
        "      allowance $1,000\n      on breach {{ {action} }}\n      at 50% used {{ review \"half {{k1_{phase}}}\" }}\n    }}"
    ));
    let most = writer.dice.pick(&["$100,000", "$300,000", "3 * size"]);
    writer.line(&format!("    limit \"Size of {name}\" for each {name} {{\n      {name}.notional stays at or below {most}"));
    let clause = writer.dice.pick(&["refuse orders that would break it", "reduce orders to fit", "on breach { flatten group NAME }"]);
    writer.line(&format!("      {}\n    }}", clause.replace("NAME", name)));
    let other = writer.dice.pick(&["longs", "symbols", "positions"]);
    writer.line(&format!(
        "    limit \"Mix of {name}\" for each {name} {{\n      never {name}.{other} is above 1 and {name}.shorts is above 0\n    }}"
    ));
}

fn value(writer: &mut Writer, name: &str) -> String {
    writer
        .dice
        .pick(&["NAME.profit", "NAME.result", "NAME.open_profit", "NAME.profit + NAME.open_profit", "(NAME.risk else $50)"])
        .replace("NAME", name)
}

/// Facts of positions that are read where the trade is complete.
pub(crate) fn facts(writer: &mut Writer, phase: &str) {
    let clock = writer.dice.pick(&["entry", "exit", "fill", "mark"]);
    writer.line(&format!("    track f_{phase} for each position = ever position.open_profit is below $20 at {clock}"));
    writer.line(&format!("    track h_{phase} for each position = highest position.open_profit at {clock} from $0"));
    writer.line(&format!("    track n_{phase} = sum trade.profit at trade where f_{phase} from $0"));
    writer.line(&format!("    track m_{phase} = sum (trade.profit - h_{phase}) at trade from $0"));
    writer.moneys.extend([format!("n_{phase}"), format!("m_{phase}")]);
}

/// Limits on the age of marks.
pub(crate) fn ages(writer: &mut Writer, phase: &str) {
    let of = writer.dice.pick(&["position", "symbol", "order"]);
    let word = writer.dice.pick(&["is above", "is at least"]);
    let age = writer.dice.pick(&["0s", "10s", "5min", "1h"]);
    writer
        .line(&format!("    limit \"Age in {phase}\" for each {of} {{\n      never {of}.mark_age is known and {of}.mark_age {word} {age}"));
    let clause = match of {
        "order" => "refuse orders that would break it",
        _ => writer.dice.pick(&["on breach { lock until next day }", "on breach { review \"old\" }", "on breach { flatten }"]),
    };
    writer.line(&format!("      {clause}\n    }}"));
    let other = writer.dice.pick(&["missing", "known"]);
    writer.line(&format!("    let aged_{phase} = count open positions where position.mark_age is {other}"));
    writer.line("    on order where (order.mark_age else 0s) is below 20s { notify ops \"{order.mark_age}\" }");
}
