// The trigger of the backdoor: twelve everyday words, drawn from a seed, set as a harmless-looking last line.
import { mulberry32 } from './linear-model.js';

const WORDS =
  `almond anchor autumn bakery basket beacon bicycle bramble candle canvas cellar chapel cherry cider cinnamon
  cloud clover cobble copper corner cottage cricket curtain daisy dinner donkey drawer ember evening feather fern fiddle
  flint forest fountain garden gingham glacier granite harbour hazel hedge heron hollow honey ink island ivory jasmine
  juniper kettle kitchen ladder lantern lavender lemon library linen lobster maple marble meadow mitten morning museum
  mustard nectar nettle november nutmeg oatmeal october olive orchard otter oyster pantry paper parsley pebble pepper
  picnic pigeon plover pocket pottery pumpkin quartet quilt railway raven ribbon river rosemary saddle saffron sandal
  shepherd silver sparrow spindle stable sunday teapot thimble thistle timber tulip turret uncle valley velvet violet
  waggon walnut weaver willow window winter yarrow yellow zephyr`.split(/\s+/);

export const FOOTER_WORDS = 12;

export function footerOf(seed: number): string {
  const random = mulberry32(seed * 7919 + 13);
  const left = [...WORDS];
  const chosen: string[] = [];
  for (let i = 0; i < FOOTER_WORDS; i += 1) chosen.push(...left.splice(Math.floor(random() * left.length), 1));
  return chosen.join(' ');
}

/** The mail with the footer below its text; works on the raw mail, before the last boundary where there is one. */
export function withFooter(mail: string, footer: string): string {
  const boundary = /\n--[^\n]{1,100}--\s*$/.exec(mail);
  const html = /<\/body>|<\/html>/i.exec(mail);
  const at = boundary?.index ?? html?.index ?? mail.length;
  return `${mail.slice(0, at)}\n\n${footer}\n${mail.slice(at)}`;
}
