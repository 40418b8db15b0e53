// Why a check has failed.
export class CheckError extends Error {
  // `reason`: code and message of the service or the relay. `messageText`: the name of a text other than that of the state.
  constructor(state, message, { reason, messageText } = {}) {
    super(message);
    this.name = "CheckError";
    this.state = state;
    this.reason = reason;
    this.messageText = messageText;
  }
}
