using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using PkgForge.Registry;

namespace PkgForge.Cli.Remote;

/// <summary>Why a server cannot be asked, and what to do about it.</summary>
internal static class ServerTrouble
{
    /// <summary>Nothing was answered.</summary>
    public static string Describe(Uri server, HttpRequestException e)
    {
        if (e.HttpRequestError == HttpRequestError.NameResolutionError)
            return $"{server} cannot be reached: no host is known as '{server.Host}'; check the address, and this machine's name server";
        if (Inner<AuthenticationException>(e) is { } untrusted)
            return OfTls(server, untrusted);
        var socket = Inner<SocketException>(e);
        if (
            e.HttpRequestError == HttpRequestError.ResponseEnded
            || socket is { SocketErrorCode: SocketError.ConnectionReset }
        )
            return $"{server} has ended the connection without an answer{(server.Scheme == Uri.UriSchemeHttp ? $"; perhaps it is https://{server.Authority}" : "")}";
        return $"{server} cannot be reached: {(socket is null ? e.Message : OfSocket(socket))}";
    }

    /// <summary>Of an answer that no farm gives; null when it may be a farm's.</summary>
    public static string? OfStranger(Uri server, HttpResponseMessage answer) =>
        answer.StatusCode switch
        {
            // A proxy's own: the farm behind it may come back.
            >= HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests => null,
            _ when answer.Content.Headers.ContentType is { MediaType: "application/problem+json" } => null,
            _ when answer.RequestMessage?.Method == HttpMethod.Head => null,
            _ => Stranger(server, answer),
        };

    /// <summary>What is there is no farm.</summary>
    public static string Stranger(Uri server, HttpResponseMessage answer)
    {
        var elsewhere = answer.Headers.Location is { IsAbsoluteUri: true } there
            ? $"; it points to {there.GetLeftPart(UriPartial.Authority)}"
            : "";
        return $"{server} is no PkgForge server: it answered {(int)answer.StatusCode} {answer.ReasonPhrase}{OfType(answer.Content.Headers.ContentType)}{elsewhere}; check the address";
    }

    /// <summary>Of a farm that does not know the request; null when it does.</summary>
    public static string? OfOlder(Uri server, HttpResponseMessage answer, string problem)
    {
        var method = answer.RequestMessage?.Method;
        return
            answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed
            && problem.StartsWith($"there is no {method} /", StringComparison.Ordinal)
            && problem.EndsWith(" here", StringComparison.Ordinal)
            ? $"{server} is an older farm than this command, and cannot do this yet ({problem}); ask who runs it to update it"
            : null;
    }

    /// <summary>A connection that broke while an answer came.</summary>
    public static FarmUnavailableException Broken(Uri server, Exception e) =>
        new($"the connection to {server} broke: {e.Message}", e);

    private static string OfType(MediaTypeHeaderValue? type) =>
        type?.MediaType is { } name ? $" with {Output.Printable(name)}" : "";

    private static string OfTls(Uri server, AuthenticationException e)
    {
        // Of a certificate .NET says which of its checks has failed.
        if (e.Message.Contains("RemoteCertificateNameMismatch", StringComparison.Ordinal))
            return $"{server} cannot be trusted: its certificate is for another name than '{server.Host}'; use the name that is in it";
        if (e.Message.Contains("certificate", StringComparison.OrdinalIgnoreCase))
            return $"{server} cannot be trusted: this machine knows no authority that has signed its certificate, or it has expired ({e.Message.TrimEnd('.')}); "
                + "if it is your farm's own, add its authority to this machine's, or name its PEM file in the variable SSL_CERT_FILE";
        return $"{server} cannot be reached by TLS: {e.Message.TrimEnd('.')}; perhaps it is http://{server.Authority}";
    }

    private static string OfSocket(SocketException e) =>
        e.SocketErrorCode switch
        {
            SocketError.ConnectionRefused =>
                "nothing listens there (connection refused); is 'pkgforge serve' running, and is the port right?",
            SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData =>
                "its host is not known; check the address, and this machine's name server",
            SocketError.NetworkUnreachable or SocketError.HostUnreachable =>
                "there is no way to it from this machine; check the network",
            SocketError.TimedOut => "it does not answer; check the address and the firewalls between",
            _ => e.Message,
        };

    private static T? Inner<T>(Exception e)
        where T : Exception
    {
        for (var inner = e.InnerException; inner is not null; inner = inner.InnerException)
            if (inner is T found)
                return found;
        return null;
    }
}
