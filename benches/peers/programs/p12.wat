;; The twelve rules by hand in WebAssembly. The state is 20 numbers of 64 bits from address 0 on; amounts
;; and lots count 10⁻⁸. The result has a bit for each rule.
(module
  (memory (export "memory") 1)

  ;; Whether a number is from `from` on and below `to`.
  (func $within (param $number i64) (param $from i64) (param $to i64) (result i32)
    (i32.and
      (i64.ge_s (local.get $number) (local.get $from))
      (i64.lt_s (local.get $number) (local.get $to))))

  (func $lesser (param $a i64) (param $b i64) (result i64)
    (select (local.get $a) (local.get $b) (i64.lt_s (local.get $a) (local.get $b))))

  (func $greater (param $a i64) (param $b i64) (result i64)
    (select (local.get $a) (local.get $b) (i64.gt_s (local.get $a) (local.get $b))))

  (func $cap (param $profit i64) (result i64)
    (if (i64.ge_s (local.get $profit) (i64.const 500000000000)) (then (return (i64.const 4000000000))))
    (if (i64.ge_s (local.get $profit) (i64.const 250000000000)) (then (return (i64.const 2000000000))))
    (if (i64.ge_s (local.get $profit) (i64.const 100000000000)) (then (return (i64.const 1000000000))))
    (i64.const 500000000))

  (func $near (param $seconds i64) (result i32)
    (call $within (local.get $seconds) (i64.const -120) (i64.const 121)))

  (func (export "decide") (result i32)
    (local $size i64) (local $percent i64) (local $balance i64) (local $equity i64) (local $profit i64)
    (local $day_start i64) (local $best_day i64) (local $open_lots i64) (local $order_lots i64) (local $minute i64)
    (local $cap i64) (local $order i32) (local $daily_loss i32) (local $consistent i32) (local $mask i32)
    (local.set $size (i64.load (i32.const 0)))
    (local.set $percent (i64.div_s (local.get $size) (i64.const 100)))
    (local.set $balance (i64.load (i32.const 8)))
    (local.set $equity (i64.sub (i64.add (local.get $balance) (i64.load (i32.const 16))) (i64.load (i32.const 24))))
    (local.set $profit (i64.sub (local.get $balance) (local.get $size)))
    (local.set $day_start (i64.load (i32.const 32)))
    (local.set $best_day
      (call $greater
        (call $greater (i64.load (i32.const 56)) (i64.sub (local.get $balance) (local.get $day_start)))
        (i64.const 0)))
    (local.set $open_lots (i64.load (i32.const 64)))
    (local.set $order_lots (i64.load (i32.const 72)))
    (local.set $minute (i64.load (i32.const 88)))
    (local.set $cap (call $cap (local.get $profit)))
    (local.set $order (i64.gt_s (local.get $order_lots) (i64.const 0)))
    (local.set $consistent
      (i64.le_s
        (i64.mul (local.get $best_day) (i64.const 100))
        (i64.mul (local.get $profit) (i64.const 30))))

    ;; daily loss
    (local.set $daily_loss
      (i64.le_s (local.get $equity) (i64.sub (local.get $day_start) (i64.mul (local.get $percent) (i64.const 5)))))
    (local.set $mask (local.get $daily_loss))
    ;; maximum loss
    (local.set $mask (i32.or (local.get $mask) (i32.shl
      (i64.le_s (local.get $equity) (i64.sub (local.get $size) (i64.mul (local.get $percent) (i64.const 10))))
      (i32.const 1))))
    ;; trailing drawdown
    (local.set $mask (i32.or (local.get $mask) (i32.shl
      (i64.le_s (local.get $equity)
        (call $lesser
          (i64.sub (call $greater (i64.load (i32.const 40)) (local.get $equity)) (i64.mul (local.get $percent) (i64.const 6)))
          (local.get $size)))
      (i32.const 2))))
    ;; end-of-day drawdown
    (local.set $mask (i32.or (local.get $mask) (i32.shl
      (i64.le_s (local.get $equity)
        (call $lesser
          (i64.sub (i64.load (i32.const 48)) (i64.mul (local.get $percent) (i64.const 8)))
          (local.get $size)))
      (i32.const 3))))
    ;; target: none of the above is broken
    (local.set $mask (i32.or (local.get $mask) (i32.shl
      (i32.and
        (i32.and
          (i32.and (i32.eqz (local.get $mask)) (local.get $consistent))
          (i64.ge_s (i64.mul (local.get $profit) (i64.const 100)) (i64.mul (local.get $size) (i64.const 10))))
        (i32.and
          (i64.ge_s (i64.load (i32.const 80)) (i64.const 5))
          (i64.eqz (local.get $open_lots))))
      (i32.const 10))))
    ;; lots of the tier
    (local.set $mask (i32.or (local.get $mask) (i32.shl
      (i64.gt_s (local.get $open_lots) (local.get $cap))
      (i32.const 4))))
    ;; lots with the order
    (local.set $mask (i32.or (local.get $mask) (i32.shl
      (i32.and (local.get $order)
        (i64.gt_s (i64.add (local.get $open_lots) (local.get $order_lots)) (local.get $cap)))
      (i32.const 5))))
    ;; sessions
    (local.set $mask (i32.or (local.get $mask) (i32.shl
      (i32.and (local.get $order)
        (i32.eqz (i32.or
          (call $within (local.get $minute) (i64.const 120) (i64.const 690))
          (call $within (local.get $minute) (i64.const 480) (i64.const 1015)))))
      (i32.const 6))))
    ;; flat by
    (local.set $mask (i32.or (local.get $mask) (i32.shl
      (i32.and
        (i64.gt_s (local.get $open_lots) (i64.const 0))
        (i64.ge_s (local.get $minute) (i64.const 1010)))
      (i32.const 7))))
    ;; news
    (if (local.get $order) (then
      (local.set $mask (i32.or (local.get $mask) (i32.shl
        (i32.or
          (i32.or
            (i32.or (call $near (i64.load (i32.const 96))) (call $near (i64.load (i32.const 104))))
            (i32.or (call $near (i64.load (i32.const 112))) (call $near (i64.load (i32.const 120)))))
          (i32.or
            (i32.or (call $near (i64.load (i32.const 128))) (call $near (i64.load (i32.const 136))))
            (i32.or (call $near (i64.load (i32.const 144))) (call $near (i64.load (i32.const 152))))))
        (i32.const 8))))))
    ;; best day
    (local.set $mask (i32.or (local.get $mask) (i32.shl
      (i32.and (i64.gt_s (local.get $profit) (i64.const 0)) (i32.eqz (local.get $consistent)))
      (i32.const 9))))
    ;; warning
    (i32.or (local.get $mask) (i32.shl
      (i32.and (i32.eqz (local.get $daily_loss))
        (i64.ge_s
          (i64.mul (i64.sub (local.get $day_start) (local.get $equity)) (i64.const 100))
          (i64.mul (i64.mul (local.get $percent) (i64.const 5)) (i64.const 80))))
      (i32.const 11)))))
