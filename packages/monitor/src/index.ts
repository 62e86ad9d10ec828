// The door of `monitor`: room 4, continuous monitoring.
export {};
