using Microsoft.Extensions.Logging;

namespace PkgForge.Server.Remote;

/// <summary>A builder's machine, and the server that it builds for.</summary>
/// <param name="Server">The server's address, <c>https://HOST[:PORT]</c>.</param>
/// <param name="Token">The builder's token.</param>
/// <param name="Work">The machine's work directory, where copies of repositories are kept.</param>
/// <param name="Log">Takes messages for the administrator.</param>
/// <param name="Time">The clock of this machine.</param>
public sealed record RemoteSite(Uri Server, string Token, string Work, ILogger Log, TimeProvider Time);
