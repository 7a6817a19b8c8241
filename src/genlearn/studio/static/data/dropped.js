// What is dropped on a page, folders with all that is in them, as { file, name } with the path as its name.

/** All files; an error where there are more than `most`. */
export async function dropped(transfer, most) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files].map((file) => ({ file, name: file.name }));
  const above = entries.length > 1 && entries.some((entry) => entry.isDirectory) ? "dropped" : "";
  const files = [];
  for (const entry of entries) await gather(entry, above, files, most);
  return files;
}

async function gather(entry, above, files, most) {
  const name = above ? `${above}/${entry.name}` : entry.name;
  if (files.length > most) throw new Error(`there are more than ${most.toLocaleString("en")} files in it; pack them into one .zip`);
  if (entry.isFile) {
    files.push({ file: await new Promise((take, fail) => entry.file(take, fail)), name });
    return;
  }
  const reader = entry.createReader();
  for (let some = [null]; some.length; ) {
    some = await new Promise((take, fail) => reader.readEntries(take, fail));
    for (const one of some) await gather(one, name, files, most);
  }
}
