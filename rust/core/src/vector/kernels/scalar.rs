//! Plain Rust, in a shape that the compiler makes baseline vector code of.

const LANES: usize = 4;

type Lanes = [f32; LANES];

#[inline]
fn zero() -> Lanes {
    [0.0; LANES]
}

#[inline]
fn load(values: &Lanes) -> Lanes {
    *values
}

#[inline]
fn fma(sum: Lanes, a: Lanes, b: Lanes) -> Lanes {
    std::array::from_fn(|lane| sum[lane] + a[lane] * b[lane])
}

#[inline]
fn total(even: Lanes, odd: Lanes) -> f32 {
    let [a, b, c, d]: Lanes = std::array::from_fn(|lane| even[lane] + odd[lane]);
    (a + c) + (b + d)
}

kernel!("scalar");
