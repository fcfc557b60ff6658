-- For which key a lease was taken, where a server took it: that it is still bound is looked at when it is held for longer.
ALTER TABLE oauth_lease ADD COLUMN key_id TEXT;
