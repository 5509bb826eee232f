// The policy forbids inline scripts, so the start has a file of its own.
import init from '/app.js';

init({ module_or_path: '/app_bg.wasm' }).catch((cause) => {
  const page = document.getElementById('app');
  const text = document.createElement('p');
  text.className = 'boot';
  text.setAttribute('role', 'alert');
  text.textContent = '页面没有打开，请检查网络后刷新。 The page could not be opened; check the network and reload.';
  if (page) page.replaceChildren(text);
  console.error(cause);
});
