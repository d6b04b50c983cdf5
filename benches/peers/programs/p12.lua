-- The twelve rules in Lua: every number is a binary float. The result has a bit for each rule.

local function cap_of(profit)
    if profit >= 5000 then return 40 end
    if profit >= 2500 then return 20 end
    if profit >= 1000 then return 10 end
    return 5
end

local function near(seconds)
    return seconds >= -120 and seconds <= 120
end

return function(
    size, balance, open_profit, open_costs, day_start, peak, day_end_peak, best_day, open_lots, order_lots, days, minute,
    news0, news1, news2, news3, news4, news5, news6, news7
)
    local equity = balance + open_profit - open_costs
    local profit = balance - size
    local best = math.max(best_day, balance - day_start, 0)
    local trailing_floor = math.min(math.max(peak, equity) - 0.06 * size, size)
    local daily_floor = math.min(day_end_peak - 0.08 * size, size)
    local cap = cap_of(profit)
    local order = order_lots > 0
    local consistent = best <= 0.3 * profit
    local daily_loss = equity <= day_start - 0.05 * size
    local mask = 0
    local failed = false
    if daily_loss then mask = mask + 1; failed = true end
    if equity <= size - 0.1 * size then mask = mask + 2; failed = true end
    if equity <= trailing_floor then mask = mask + 4; failed = true end
    if equity <= daily_floor then mask = mask + 8; failed = true end
    if open_lots > cap then mask = mask + 16 end
    if order then
        if open_lots + order_lots > cap then mask = mask + 32 end
        if not (minute >= 120 and minute < 690 or minute >= 480 and minute < 1015) then mask = mask + 64 end
        if near(news0) or near(news1) or near(news2) or near(news3)
            or near(news4) or near(news5) or near(news6) or near(news7) then mask = mask + 256 end
    end
    if open_lots > 0 and minute >= 1010 then mask = mask + 128 end
    if profit > 0 and not consistent then mask = mask + 512 end
    if not failed and profit >= 0.1 * size and consistent and days >= 5 and open_lots == 0 then mask = mask + 1024 end
    if not daily_loss and day_start - equity >= 0.8 * (0.05 * size) then mask = mask + 2048 end
    return mask
end
