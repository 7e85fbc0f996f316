// 128-bit arithmetic, checked, wrapping and saturating operations, and big powers by hand in Rust.
fn main() {
    let mut state: u128 = 0x0123_4567_89ab_cdef_fedc_ba98_7654_3210;
    let mut next = move || {
        state = state.wrapping_mul(0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645).wrapping_add(0x5851_f42d_4c95_7f2d_1405_7b7e_f767_814f);
        state.rotate_right((state >> 122) as u32)
    };
    let mut checksum = 0u128;
    for i in 0..20_000u32 {
        let (a, b) = (next() >> (i % 100), next() >> (i * 7 % 127));
        let b = b | 1;
        checksum ^= a.wrapping_mul(b) ^ (a / b) ^ (a % b) ^ (a << (i & 127)) ^ (b >> (i & 127));
        checksum ^= (a as i128).wrapping_div(b as i128) as u128 ^ ((a as i128) >> (i & 127)) as u128;
        checksum = checksum.rotate_left(a.leading_zeros() + b.count_ones() + b.swap_bytes().trailing_zeros());
    }
    println!("{checksum} {checksum:#x}");
    println!("{} {}", u128::MAX, i128::MIN);
    println!("{:?} {:?}", u128::MAX.checked_add(1), i128::MIN.checked_neg());
    println!("{:?} {:?}", 12345678901234567890123456789u128.checked_mul(98765432109), u64::MAX.checked_mul(2));
    println!("{:?} {:?}", i64::MIN.overflowing_sub(1), i32::MIN.overflowing_div(-1));
    println!("{} {} {}", i8::MAX.saturating_add(1), u16::MIN.saturating_sub(3), i64::MAX.saturating_mul(-2));
    println!("{} {}", i32::MIN.wrapping_abs(), (-7i32).rem_euclid(3));
    println!("{} {} {}", 300.7f64 as u8, -1.5f32 as u32, f64::NAN as i64);
    println!("{} {}", u128::MAX as f32, (1u128 << 100) as f64);
    println!("{:?}", "340282366920938463463374607431768211455".parse::<u128>());
    println!("{:?}", "340282366920938463463374607431768211456".parse::<u128>());

    // 3^1000 in base 10^18.
    let mut digits = vec![1u64];
    for _ in 0..1000 {
        let mut carry = 0u128;
        for digit in &mut digits {
            carry += u128::from(*digit) * 3;
            *digit = (carry % 1_000_000_000_000_000_000) as u64;
            carry /= 1_000_000_000_000_000_000;
        }
        if carry > 0 {
            digits.push(carry as u64);
        }
    }
    print!("{}", digits.last().unwrap());
    for digit in digits.iter().rev().skip(1) {
        print!("{digit:018}");
    }
    println!();
    let mut primes = vec![true; 100_000];
    let mut i = 2;
    while i * i < primes.len() {
        if primes[i] {
            (i * i..primes.len()).step_by(i).for_each(|j| primes[j] = false);
        }
        i += 1;
    }
    println!("{}", primes.iter().skip(2).filter(|p| **p).count());
    let modpow = |mut b: u64, mut e: u64, m: u64| {
        let mut r = 1u64;
        while e > 0 {
            if e & 1 == 1 {
                r = (u128::from(r) * u128::from(b) % u128::from(m)) as u64;
            }
            b = (u128::from(b) * u128::from(b) % u128::from(m)) as u64;
            e >>= 1;
        }
        r
    };
    println!("{}", modpow(0xdead_beef_cafe, 0xffff_ffff_ffff_ffc4, 0xffff_ffff_ffff_ffc5));
}
