import "./first.ts";
import "htmx.org";
