/* A small convolutional network in plain JavaScript, from the file that `python -m fer_lib export`
   writes. It takes 48 x 48 grey values (0-255) and gives seven probabilities. */
function ferNet(spec) {
  "use strict";
  const text = atob(spec.weights), bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);

  function half(bits) {                               // a float16
    const e = (bits >> 10) & 31, m = bits & 1023, sign = bits >> 15 ? -1 : 1;
    return sign * (e ? 2 ** (e - 15) * (1 + m / 1024) : 2 ** -14 * (m / 1024));
  }
  const ops = spec.ops.map((op) => {
    const made = { ...op };
    for (const key of ["b", "a", "c"]) if (op[key]) made[key] = new Float32Array(bytes.buffer, ...op[key]);
    if (op.w) made.w = Float32Array.from(new Uint16Array(bytes.buffer, ...op.w), half);
    return made;
  });

  const ACTIVATIONS = {
    linear: () => {},
    relu: (x) => { for (let i = 0; i < x.length; i++) if (x[i] < 0) x[i] = 0; },
    softmax: (x) => {
      const most = Math.max(...x);
      let sum = 0;
      for (let i = 0; i < x.length; i++) sum += x[i] = Math.exp(x[i] - most);
      for (let i = 0; i < x.length; i++) x[i] /= sum;
    },
  };

  /* Zeros before the first row or column, as TensorFlow pads "same", and those all told. */
  function padding(op, axis, length) {
    const all = op.pad === "same" ? Math.max(0, (op.shape[axis] - 1) * op.s + op.k - length) : 0;
    return { all, before: all >> 1 };
  }
  function padded(x, h, w, c, op) {
    const tall = padding(op, 0, h), wide = padding(op, 1, w), W = w + wide.all;
    const out = new Float32Array((h + tall.all) * W * c);
    for (let y = 0; y < h; y++) {
      out.set(x.subarray(y * w * c, (y + 1) * w * c), ((y + tall.before) * W + wide.before) * c);
    }
    return { x: out, w: W };
  }

  /* What one row of a kernel covers is one run of k * c numbers. Two pixels by four channels are
     made at a time; a last column alone is made twice. */
  function conv(source, [h, width, c], op) {
    const { x, w } = padded(source, h, width, c, op), { k, s, b } = op, [H, W, F] = op.shape;
    const run = k * c, next = W > 1 ? s * c : 0, beside = W > 1 ? F : 0;
    const P = (op.packed ??= pack(op.w, k * run, F)), out = new Float32Array(H * W * F);
    for (let f = 0; f < F; f += 4) {
      const b0 = b[f], b1 = b[f + 1] || 0, b2 = b[f + 2] || 0, b3 = b[f + 3] || 0, more = F - f;
      for (let y = 0; y < H; y++) for (let left = 0; left < W; left += 2) {
        const p = Math.max(0, Math.min(left, W - 2));
        let a0 = b0, a1 = b1, a2 = b2, a3 = b3, d0 = b0, d1 = b1, d2 = b2, d3 = b3, q = f * k * run;
        for (let row = 0; row < k; row++) {
          let i = ((y * s + row) * w + p * s) * c;
          for (const end = i + run; i < end; i++, q += 4) {
            const u = x[i], v = x[i + next], w0 = P[q], w1 = P[q + 1], w2 = P[q + 2], w3 = P[q + 3];
            a0 += u * w0; a1 += u * w1; a2 += u * w2; a3 += u * w3;
            d0 += v * w0; d1 += v * w1; d2 += v * w2; d3 += v * w3;
          }
        }
        const o = (y * W + p) * F + f, n = o + beside;
        out[o] = a0; out[n] = d0;
        if (more > 1) { out[o + 1] = a1; out[n + 1] = d1; }
        if (more > 2) { out[o + 2] = a2; out[n + 2] = d2; }
        if (more > 3) { out[o + 3] = a3; out[n + 3] = d3; }
      }
    }
    return out;
  }
  function pack(kernel, rows, F) {                    // four channels' weights beside each other
    const out = new Float64Array(rows * (F + 3 & ~3));
    for (let f = 0; f < F; f++) {
      for (let i = 0; i < rows; i++) out[((f >> 2) * rows + i) * 4 + (f & 3)] = kernel[i * F + f];
    }
    return out;
  }

  /* The largest or the mean of the numbers in each window; a mean is over those in the image. */
  function pool(x, [h, w, c], op) {
    const [H, W] = op.shape, { k, s } = op, out = new Float32Array(H * W * c), mean = op.op === "mean";
    const top = padding(op, 0, h).before, side = padding(op, 1, w).before;
    for (let y = 0; y < H; y++) for (let p = 0; p < W; p++) for (let f = 0; f < c; f++) {
      let found = mean ? 0 : -Infinity, count = 0;
      for (let Y = Math.max(0, y * s - top); Y < Math.min(h, y * s - top + k); Y++) {
        for (let X = Math.max(0, p * s - side); X < Math.min(w, p * s - side + k); X++) {
          const v = x[(Y * w + X) * c + f];
          if (mean) found += v; else if (v > found) found = v;
          count++;
        }
      }
      out[(y * W + p) * c + f] = mean ? found / count : found;
    }
    return out;
  }

  const COMPUTE = {
    same: (op, [x]) => x.slice(),
    flatten: (op, [x]) => x.slice(),
    add: (op, xs) => xs[0].map((v, i) => xs.slice(1).reduce((sum, x) => sum + x[i], v)),
    affine: ({ a, c }, [x]) => x.map((v, i) => v * a[i % a.length] + c[i % a.length]),
    conv: (op, [x], [shape]) => conv(x, shape, op),
    max: (op, [x], [shape]) => pool(x, shape, op),
    mean: (op, [x], [shape]) => pool(x, shape, op),
    global: ({ shape: [c] }, [x]) => {
      const out = new Float64Array(c);
      for (let i = 0; i < x.length; i++) out[i % c] += x[i];
      return Float32Array.from(out, (v) => v * c / x.length);
    },
    dense: (op, [x]) => {
      const out = Float64Array.from(op.b), n = out.length;
      for (let i = 0; i < x.length; i++) if (x[i]) for (let f = 0; f < n; f++) out[f] += x[i] * op.w[i * n + f];
      return Float32Array.from(out);
    },
  };

  return function forward(pixels) {
    const values = [];
    for (const op of ops) {
      const made = op.op === "input" ? Float32Array.from(pixels)
        : COMPUTE[op.op](op, op.in.map((i) => values[i]), op.in.map((i) => ops[i].shape));
      if (op.act) ACTIVATIONS[op.act](made);
      values.push(made);
    }
    return values[values.length - 1];
  };
}
