# The twelve rules in Rego: numbers with decimals are binary floats. The result is the set of the rules
# that a state breaks or reaches, as their bits.
package p12

import rego.v1

equity := (input.balance + input.open_profit) - input.open_costs

profit := input.balance - input.size

best := max([input.best_day, input.balance - input.day_start, 0])

trailing_floor := min([max([input.peak, equity]) - (0.06 * input.size), input.size])

daily_floor := min([input.day_end_peak - (0.08 * input.size), input.size])

cap := 40 if {
	profit >= 5000
} else := 20 if {
	profit >= 2500
} else := 10 if {
	profit >= 1000
} else := 5

default consistent := false

consistent if best <= 0.3 * profit

default failed := false

failed if equity <= input.day_start - (0.05 * input.size)

failed if equity <= input.size - (0.1 * input.size)

failed if equity <= trailing_floor

failed if equity <= daily_floor

default in_session := false

in_session if {
	input.minute >= 120
	input.minute < 690
}

in_session if {
	input.minute >= 480
	input.minute < 1015
}

broken contains 1 if equity <= input.day_start - (0.05 * input.size)

broken contains 2 if equity <= input.size - (0.1 * input.size)

broken contains 4 if equity <= trailing_floor

broken contains 8 if equity <= daily_floor

broken contains 16 if input.open_lots > cap

broken contains 32 if {
	input.order_lots > 0
	input.open_lots + input.order_lots > cap
}

broken contains 64 if {
	input.order_lots > 0
	not in_session
}

broken contains 128 if {
	input.open_lots > 0
	input.minute >= 1010
}

broken contains 256 if {
	input.order_lots > 0
	some seconds in input.news
	seconds >= -120
	seconds <= 120
}

broken contains 512 if {
	profit > 0
	not consistent
}

broken contains 1024 if {
	not failed
	profit >= 0.1 * input.size
	consistent
	input.days >= 5
	input.open_lots == 0
}

broken contains 2048 if {
	equity > input.day_start - (0.05 * input.size)
	input.day_start - equity >= 0.8 * (0.05 * input.size)
}
