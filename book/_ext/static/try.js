/* The page "Try it": a photo, the camera or a drawn face, cropped by hand, shown to the network. */
(() => {
  "use strict";
  const root = document.querySelector("#fer-try"), spec = window.FER_NETWORK;
  if (!root || !spec) return;
  const SIDE = 48, LARGEST = 1024;                     // pixels of a photo's longer side
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const [stage, canvas, video, square, seen, message, answer] =
    ["stage", "canvas", "video", "square", "seen", "message", "answer"].map(part);
  const sliders = ["across", "down", "size"].map(part);
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  let stream = null, live = false, smooth = null, busy = false, again = false, timer = 0;
  const say = (text) => { message.textContent = text; };

  /* The network, in a worker where the browser allows one from a file, else in the page. */
  const network = (() => {
    let settle = null, here = null;
    const inPage = (pixels) => (here ??= ferNet(spec))(pixels);
    try {
      const code = `const forward = (${ferNet})(${JSON.stringify(spec)});
        onmessage = ({ data }) => postMessage(forward(data));`;
      const worker = new Worker(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
      worker.onmessage = ({ data }) => settle(data);
      return (pixels) => new Promise((done) => {
        settle = done;
        worker.onerror = () => { here ??= ferNet(spec); done(inPage(pixels)); };
        if (here) done(inPage(pixels)); else worker.postMessage(pixels);
      });
    } catch { return async (pixels) => inPage(pixels); }
  })();

  /* The square, in whole pixels of the picture. The ranges hold it; dragging only sets them. */
  function crop() {
    const { width: w, height: h } = canvas, [across, down, size] = sliders.map((s) => s.value / 100);
    const side = Math.round(Math.max(Math.min(SIDE / 2, w, h), size * Math.min(w, h)));
    return { x: Math.round(across * (w - side)), y: Math.round(down * (h - side)), side };
  }
  function setCrop(x, y, side) {
    const { width: w, height: h } = canvas;
    sliders[2].value = 100 * side / Math.min(w, h);
    side = crop().side;
    sliders[0].value = w > side ? 100 * x / (w - side) : 50;
    sliders[1].value = h > side ? 100 * y / (h - side) : 50;
    show();
  }
  function show() {
    const { x, y, side } = crop(), { width: w, height: h } = canvas;
    square.style.width = `${100 * side / w}%`;
    square.style.left = `${100 * (live ? w - x - side : x) / w}%`;
    square.style.top = `${100 * y / h}%`;
    look();
  }

  /* The means of grey over 48 x 48 cells, pixels that a cell cuts by their share: what
     fer_lib.prediction.pictures.prepare computes, and the same in every browser. */
  function pixels() {
    const { x, y, side } = crop(), out = new Float32Array(SIDE * SIDE), cell = side / SIDE;
    const { data } = pen.getImageData(x, y, side, side);
    const share = (i, low) => Math.min(i + 1, low + cell) - Math.max(i, low);
    for (let r = 0; r < SIDE; r++) for (let c = 0; c < SIDE; c++) {
      const top = r * cell, left = c * cell;
      let sum = 0;
      for (let i = Math.floor(top); i < Math.min(side, top + cell); i++) {
        for (let j = Math.floor(left); j < Math.min(side, left + cell); j++) {
          const p = 4 * (i * side + j), grey = 0.299 * data[p] + 0.587 * data[p + 1] + 0.114 * data[p + 2];
          sum += Math.max(0, share(i, top) * share(j, left)) * grey;
        }
      }
      out[r * SIDE + c] = sum / (cell * cell);
    }
    return out;
  }

  const picture = (pen, grey) => {
    const image = pen.createImageData(SIDE, SIDE);
    grey.forEach((v, i) => image.data.set([v, v, v, 255], 4 * i));
    pen.putImageData(image, 0, 0);
  };

  async function look() {
    if (busy) { again = true; return; }
    busy = true;
    clearTimeout(timer);
    if (live) pen.drawImage(video, 0, 0);
    const grey = pixels();
    picture(seen.getContext("2d"), grey);
    const found = Array.from(await network(grey));
    smooth = live && smooth ? smooth.map((v, i) => 0.7 * v + 0.3 * found[i]) : found;
    spec.labels.forEach((label, i) => {
      part(`bar-${label}`).value = smooth[i];
      part(`number-${label}`).textContent = `${Math.round(100 * smooth[i])} %`;
    });
    root.dataset.probabilities = JSON.stringify(found);
    busy = false;
    if (!live && !again) summarize();
    if (again || live) { timer = setTimeout(look, again ? 0 : 150); again = false; }
  }
  function summarize() {
    const order = [...smooth.keys()].sort((a, b) => smooth[b] - smooth[a]);
    const words = (i) => `${spec.labels[i]} (${Math.round(100 * smooth[i])}\u00a0%)`;
    answer.textContent = `First guess: ${words(order[0])}. Second: ${words(order[1])}.`;
  }

  function begin(width, height) {
    Object.assign(canvas, { width, height });
    stage.style.aspectRatio = `${width} / ${height}`;
    stage.style.maxWidth = `${70 * width / height}vh`;
    stage.classList.toggle("fer-live", live);
    smooth = null; answer.textContent = ""; say("");
  }
  async function open(file) {
    stop();
    try {
      const image = await createImageBitmap(file);     // turned as the camera was held
      const scale = Math.min(1, LARGEST / Math.max(image.width, image.height));
      begin(...[image.width, image.height].map((n) => Math.max(1, Math.round(n * scale))));
      pen.fillRect(0, 0, canvas.width, canvas.height); // black behind what is transparent
      pen.drawImage(image, 0, 0, canvas.width, canvas.height);
      const { width: w, height: h } = canvas, side = Math.min(w, h);
      setCrop((w - side) / 2, (h - side) / 2, side);
    } catch { say("This browser cannot read that file. Try a JPEG or PNG picture."); }
  }
  async function camera() {
    if (live) { stop(); return; }
    if (!navigator.mediaDevices) {
      say("Browsers open the camera only for a page from a file, from localhost or by https. Choose a photo instead.");
      return;
    }
    try {
      const wanted = { video: { facingMode: "user", width: { ideal: 640 } }, audio: false };
      stream = await navigator.mediaDevices.getUserMedia(wanted);
      video.srcObject = stream;
      await video.play();
      live = true;
      begin(video.videoWidth, video.videoHeight);
      part("camera").textContent = "Stop the camera";
      const side = 0.6 * Math.min(canvas.width, canvas.height);
      setCrop((canvas.width - side) / 2, (canvas.height - side) / 2, side);
    } catch (error) {
      stop();
      say({ NotAllowedError: "The browser was not allowed to use the camera.", NotFoundError: "No camera was found." }[error.name]
        || "The camera could not be opened; another program may be using it.");
    }
  }
  function stop() {
    if (!stream) return;
    stream.getTracks().forEach((track) => track.stop());
    stream = video.srcObject = null;
    part("camera").textContent = "Use the camera";
    if (!live) return;
    live = false;                                      // the last picture stays
    stage.classList.remove("fer-live");
    show();
  }

  /* A known face; a browser that blurs what pages read from a canvas shows itself here. */
  function drawn() {
    stop();
    const small = document.createElement("canvas");
    small.width = small.height = SIDE;
    picture(small.getContext("2d"), spec.face);
    begin(8 * SIDE, 8 * SIDE);
    pen.imageSmoothingEnabled = false;
    pen.drawImage(small, 0, 0, 8 * SIDE, 8 * SIDE);
    setCrop(0, 0, 8 * SIDE);
    if (pixels().some((v, i) => Math.abs(v - spec.face[i]) > 1)) {
      say("This browser changes the pixels that pages read, so the answers here are wrong. In Firefox, allow this page to read the canvas.");
    }
  }

  part("file").addEventListener("change", ({ target }) => {
    if (target.files[0]) open(target.files[0]);
    target.value = "";
  });
  part("camera").addEventListener("click", camera);
  part("drawn").addEventListener("click", drawn);
  sliders.forEach((slider) => slider.addEventListener("input", show));
  addEventListener("pagehide", stop);
  document.addEventListener("visibilitychange", () => document.hidden && stop());
  stage.addEventListener("dragover", (event) => event.preventDefault());
  stage.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files[0]) open(event.dataTransfer.files[0]);
  });

  /* Dragging the square moves it; dragging its corner makes it larger or smaller. */
  square.addEventListener("pointerdown", (start) => {
    start.preventDefault();
    square.setPointerCapture(start.pointerId);
    const from = crop(), scale = canvas.width / stage.clientWidth, grows = start.target !== square;
    const move = (event) => {
      const dx = (event.clientX - start.clientX) * scale, dy = (event.clientY - start.clientY) * scale;
      const more = grows ? Math.max(dx, dy) : 0;       // the picture of the camera is mirrored
      if (grows) setCrop(live ? from.x - more : from.x, from.y, from.side + more);
      else setCrop(live ? from.x - dx : from.x + dx, from.y + dy, from.side);
    };
    square.addEventListener("pointermove", move);
    for (const end of ["pointerup", "pointercancel"]) {
      square.addEventListener(end, () => square.removeEventListener("pointermove", move), { once: true });
    }
  });
  drawn();
})();
