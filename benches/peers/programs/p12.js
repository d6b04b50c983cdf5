// The twelve rules in JavaScript: every number is a binary float. The result has a bit for each rule.

function capOf(profit) {
    if (profit >= 5000) return 40;
    if (profit >= 2500) return 20;
    if (profit >= 1000) return 10;
    return 5;
}

function near(seconds) {
    return seconds >= -120 && seconds <= 120;
}

function decide(
    size, balance, openProfit, openCosts, dayStart, peak, dayEndPeak, bestDay, openLots, orderLots, days, minute,
    news0, news1, news2, news3, news4, news5, news6, news7
) {
    const equity = balance + openProfit - openCosts;
    const profit = balance - size;
    const best = Math.max(bestDay, balance - dayStart, 0);
    const trailingFloor = Math.min(Math.max(peak, equity) - 0.06 * size, size);
    const dailyFloor = Math.min(dayEndPeak - 0.08 * size, size);
    const cap = capOf(profit);
    const order = orderLots > 0;
    const consistent = best <= 0.3 * profit;
    const dailyLoss = equity <= dayStart - 0.05 * size;
    let mask = 0;
    if (dailyLoss) mask |= 1;
    if (equity <= size - 0.1 * size) mask |= 2;
    if (equity <= trailingFloor) mask |= 4;
    if (equity <= dailyFloor) mask |= 8;
    if (mask === 0 && profit >= 0.1 * size && consistent && days >= 5 && openLots === 0) mask |= 1024;
    if (openLots > cap) mask |= 16;
    if (order) {
        if (openLots + orderLots > cap) mask |= 32;
        if (!(minute >= 120 && minute < 690 || minute >= 480 && minute < 1015)) mask |= 64;
        if (near(news0) || near(news1) || near(news2) || near(news3)
            || near(news4) || near(news5) || near(news6) || near(news7)) mask |= 256;
    }
    if (openLots > 0 && minute >= 1010) mask |= 128;
    if (profit > 0 && !consistent) mask |= 512;
    if (!dailyLoss && dayStart - equity >= 0.8 * (0.05 * size)) mask |= 2048;
    return mask;
}
